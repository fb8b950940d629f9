#include "signer/gpg_signer.h"

#include <gpgme.h>
#include <poll.h>

#include <algorithm>
#include <condition_variable>
#include <list>
#include <map>
#include <mutex>

#include "core/check.h"

namespace packyard {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

// gpgme's answer in our words.
Error gpgme_failure(std::string_view attempted, gpgme_error_t error) {
  char text[256] = "";
  gpgme_strerror_r(error, text, sizeof text);
  ErrorCode code = ErrorCode::internal;
  switch (gpgme_err_code(error)) {
    case GPG_ERR_BAD_PASSPHRASE:
    case GPG_ERR_NO_SECKEY:
    case GPG_ERR_UNUSABLE_SECKEY:
    case GPG_ERR_NO_DATA: code = ErrorCode::invalid; break;
    case GPG_ERR_TIMEOUT:
    case GPG_ERR_NO_AGENT:
    case GPG_ERR_ENOSPC: code = ErrorCode::unavailable; break;
    default: break;
  }
  return Error{code, std::string(attempted) + ": gpg says " + text};
}

class DataObject {
 public:
  DataObject() { CHECK(gpgme_data_new(&data_) == 0); }
  explicit DataObject(std::string_view bytes) { CHECK(gpgme_data_new_from_mem(&data_, bytes.data(), bytes.size(), 0) == 0); }
  DataObject(const DataObject&) = delete;
  DataObject& operator=(const DataObject&) = delete;
  ~DataObject() {
    if (data_ != nullptr) gpgme_data_release(data_);
  }
  gpgme_data_t get() const { return data_; }
  std::string take() {
    std::size_t length = 0;
    char* bytes = gpgme_data_release_and_get_mem(data_, &length);
    data_ = nullptr;
    std::string result(bytes == nullptr ? "" : bytes, length);
    gpgme_free(bytes);
    return result;
  }

 private:
  gpgme_data_t data_ = nullptr;
};

// One gpgme context for one home. gpgme's waiting is replaced by our own poll loop, because its own has no deadline.
class Context {
 public:
  Context(const std::filesystem::path& home, const Secret& passphrase) : passphrase_(passphrase) {
    CHECK(gpgme_new(&context_) == 0);
    CHECK(gpgme_set_protocol(context_, GPGME_PROTOCOL_OpenPGP) == 0);
    CHECK(gpgme_ctx_set_engine_info(context_, GPGME_PROTOCOL_OpenPGP, nullptr, home.c_str()) == 0);
    CHECK(gpgme_set_pinentry_mode(context_, GPGME_PINENTRY_MODE_LOOPBACK) == 0);
    gpgme_set_passphrase_cb(context_, give_passphrase, this);
    gpgme_io_cbs callbacks{add_watch, this, remove_watch, on_event, this};
    gpgme_set_io_cbs(context_, &callbacks);
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { gpgme_release(context_); }

  gpgme_ctx_t get() const { return context_; }

  // `start` begins an operation; returns when it is done.
  template <class Start>
  Result<void> run(const std::string& attempted, SteadyTime deadline, Start&& start) {
    done_ = false;
    result_ = 0;
    passphrase_asked_ = passphrase_refused_ = false;
    keys_.clear();
    if (const gpgme_error_t error = start(); error != 0) return fail(gpgme_failure(attempted, error));
    while (!done_) {
      if (!poll_once(deadline)) {
        gpgme_cancel(context_);
        watches_.clear();
        return fail(ErrorCode::unavailable, attempted + ": gpg did not answer in time");
      }
    }
    watches_.clear();
    if (result_ == 0) return {};
    if (passphrase_refused_ || (passphrase_asked_ && !passphrase_.empty() && gpgme_err_code(result_) == GPG_ERR_BAD_PASSPHRASE))
      return fail(ErrorCode::invalid, attempted + ": GPG_PASSPHRASE does not open the private key");
    if (passphrase_asked_ && passphrase_.empty())
      return fail(ErrorCode::invalid,
                  attempted + ": the private key has a passphrase and neither GPG_PASSPHRASE nor GPG_PASSPHRASE_FILE is set");
    return fail(gpgme_failure(attempted, result_));
  }

  // What the last operation listed.
  struct ReleaseKey {
    void operator()(gpgme_key_t key) const { gpgme_key_unref(key); }
  };
  using Key = std::unique_ptr<_gpgme_key, ReleaseKey>;
  std::vector<Key>& keys() { return keys_; }

 private:
  struct Watch {
    Context* owner;
    int descriptor;
    bool reads;
    gpgme_io_cb_t handle;
    void* handle_data;
  };

  bool poll_once(SteadyTime deadline) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now()).count();
    if (left <= 0) return false;
    std::vector<pollfd> descriptors;
    for (const Watch& watch : watches_)
      descriptors.push_back({watch.descriptor, static_cast<short>(watch.reads ? POLLIN : POLLOUT), 0});
    const int ready = poll(descriptors.data(), descriptors.size(), static_cast<int>(std::min<std::int64_t>(left, 60'000)));
    if (ready <= 0) return true;  // interrupted or not yet: the deadline decides
    for (const pollfd& descriptor : descriptors) {
      if (descriptor.revents == 0) continue;
      // A handler may remove any watch, so each is looked up anew.
      const auto found = std::ranges::find_if(watches_, [&](const Watch& watch) { return watch.descriptor == descriptor.fd; });
      if (found == watches_.end() || done_) continue;
      const Watch watch = *found;
      watch.handle(watch.handle_data, watch.descriptor);
    }
    return true;
  }

  static gpgme_error_t add_watch(void* self, int descriptor, int reads, gpgme_io_cb_t handle, void* handle_data, void** tag) {
    auto& context = *static_cast<Context*>(self);
    context.watches_.push_back({&context, descriptor, reads != 0, handle, handle_data});
    *tag = &context.watches_.back();
    return 0;
  }
  static void remove_watch(void* tag) {
    auto* watch = static_cast<Watch*>(tag);
    watch->owner->watches_.remove_if([&](const Watch& other) { return &other == watch; });
  }
  static void on_event(void* self, gpgme_event_io_t type, void* data) {
    auto& context = *static_cast<Context*>(self);
    if (type == GPGME_EVENT_NEXT_KEY) context.keys_.emplace_back(static_cast<gpgme_key_t>(data));
    if (type != GPGME_EVENT_DONE) return;
    const auto* done = static_cast<gpgme_io_event_done_data_t>(data);
    context.result_ = done->err != 0 ? done->err : done->op_err;
    context.done_ = true;
  }
  static gpgme_error_t give_passphrase(void* self, const char*, const char*, int previous_was_bad, int descriptor) {
    auto& context = *static_cast<Context*>(self);
    context.passphrase_asked_ = true;
    context.passphrase_refused_ = previous_was_bad != 0;
    if (previous_was_bad != 0 || context.passphrase_.empty()) return gpgme_error(GPG_ERR_CANCELED);
    const std::string_view text = context.passphrase_.reveal();
    if (gpgme_io_writen(descriptor, text.data(), text.size()) != 0 || gpgme_io_writen(descriptor, "\n", 1) != 0)
      return gpgme_error_from_errno(errno);
    return 0;
  }

  const Secret& passphrase_;
  gpgme_ctx_t context_ = nullptr;
  std::list<Watch> watches_;
  std::vector<Key> keys_;
  gpgme_error_t result_ = 0;
  bool done_ = false;
  bool passphrase_asked_ = false;
  bool passphrase_refused_ = false;
};

std::string plain_id(std::string_view id) {
  if (id.starts_with("0x") || id.starts_with("0X")) id.remove_prefix(2);
  std::string text(id);
  std::erase(text, ' ');
  for (char& c : text)
    if (c >= 'a' && c <= 'f') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

bool is_key_id(std::string_view id) {
  const bool digits = std::ranges::all_of(id, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F'); });
  return digits && (id.size() == 8 || id.size() == 16 || id.size() == 40);
}

gpgme_subkey_t find_subkey(gpgme_key_t key, std::string_view id) {
  for (gpgme_subkey_t subkey = key->subkeys; subkey != nullptr; subkey = subkey->next)
    if (std::string_view(subkey->fpr).ends_with(id)) return subkey;
  return nullptr;
}

std::string list_of(const std::vector<Context::Key>& keys) {
  std::string text;
  for (const auto& key : keys) text += std::string(text.empty() ? "" : ", ") + key->subkeys->fpr;
  return text;
}

// The key that signs: the primary key `key_id` names, or the subkey that it or the settings name.
Result<gpgme_subkey_t> choose_key(const std::vector<Context::Key>& keys, const std::string& key_id,
                                  const std::optional<std::string>& subkey) {
  const std::string wanted = plain_id(key_id);
  if (!wanted.empty() && !is_key_id(wanted))
    return fail(ErrorCode::invalid,
                "GPG_KEY_ID is not a fingerprint of 40 or a key id of 16 hexadecimal digits: '" + key_id.substr(0, 80) + "'");
  if (wanted.empty() && keys.size() != 1)
    return fail(ErrorCode::invalid,
                "the private key data holds several keys and GPG_KEY_ID names none of them: " + list_of(keys));
  gpgme_key_t key = nullptr;
  gpgme_subkey_t chosen = nullptr;
  for (const auto& candidate : keys) {
    gpgme_subkey_t found = wanted.empty() ? candidate->subkeys : find_subkey(candidate.get(), wanted);
    if (found == nullptr) continue;
    if (key != nullptr)
      return fail(ErrorCode::invalid,
                  "GPG_KEY_ID " + wanted + " fits several of the private keys given; use the whole fingerprint");
    key = candidate.get();
    chosen = found;
  }
  if (key == nullptr)
    return fail(ErrorCode::invalid,
                "the private key data does not hold the key GPG_KEY_ID " + wanted + "; it holds " + list_of(keys));
  if (subkey) {
    const std::string id = plain_id(*subkey);
    chosen = is_key_id(id) ? find_subkey(key, id) : nullptr;
    if (chosen == nullptr)
      return fail(ErrorCode::invalid,
                  "the key " + std::string(key->subkeys->fpr) + " has no subkey " + *subkey + " (signing.subkey)");
  }
  const std::string name = std::string("the signing key ") + chosen->fpr;
  if (chosen->revoked || key->revoked) return fail(ErrorCode::invalid, name + " is revoked");
  if (chosen->expired || key->expired)
    return fail(ErrorCode::invalid, name + " is expired; extend it (gpg --quick-set-expire) and publish the new public key");
  if (chosen->disabled || chosen->invalid) return fail(ErrorCode::invalid, name + " is disabled or not valid");
  if (!chosen->can_sign) return fail(ErrorCode::invalid, name + " may not sign; name a signing subkey in signing.subkey");
  if (!chosen->secret)
    return fail(ErrorCode::invalid,
                "the private half of " + name + " is missing from the private key data (only its subkeys are there?)");
  return chosen;
}

std::string gpg_configuration(const GpgSignerOptions& options, const std::string& fingerprint) {
  const std::string digest = options.digest == SignatureDigest::sha256 ? "SHA256" : "SHA512";
  std::string text =
      "batch\nno-tty\nno-greeting\ntrust-model "
      "always\nno-auto-check-trustdb\nno-auto-key-retrieve\ndisable-dirmngr\nno-emit-version\n"
      "no-comments\ndigest-algo " +
      digest + "\npersonal-digest-preferences " + digest + "\n";
  // "!" takes exactly this key: gpg would otherwise prefer the newest subkey that can sign.
  if (!fingerprint.empty()) text += "default-key " + fingerprint + "!\n";
  return text;
}

// The key is protected in memory only, so its passphrase need not be stretched anew for each signature.
constexpr const char* agent_configuration =
    "allow-loopback-pinentry\nno-allow-external-cache\ndisable-scdaemon\n"
    "default-cache-ttl 31536000\nmax-cache-ttl 31536000\ns2k-count 65536\n";

}  // namespace

struct GpgSigner::State {
  State(SigningHomes made, const SigningSecrets& secrets, const GpgSignerOptions& given)
      : homes(std::move(made)), private_key(secrets.private_key.clone()), passphrase(secrets.passphrase.clone()), options(given) {
    for (const auto& home : homes.homes()) contexts.push_back(std::make_unique<Context>(home, passphrase));
    for (const auto& context : contexts) untried.push_back(context.get());
  }

  SteadyTime deadline() const { return std::chrono::steady_clock::now() + options.deadline; }

  Result<void> import_key(Context& context) {
    const std::string attempted = "importing the private key";
    DataObject data(private_key.reveal());
    TRY(context.run(attempted, deadline(), [&] { return gpgme_op_import_start(context.get(), data.get()); }));
    const auto* result = gpgme_op_import_result(context.get());
    if (result == nullptr || result->secret_read == 0)
      return fail(ErrorCode::invalid, attempted +
                                          ": GPG_PRIVATE_KEY holds no OpenPGP private key; "
                                          "give it the output of gpg --armor --export-secret-keys");
    return {};
  }

  Result<void> choose(Context& context, const std::string& key_id) {
    TRY(context.run("listing the private key", deadline(), [&] { return gpgme_op_keylist_start(context.get(), nullptr, 1); }));
    TRY_ASSIGN(const gpgme_subkey_t chosen, choose_key(context.keys(), key_id, options.subkey));
    fingerprint = chosen->fpr;
    TRY(homes.write_configuration("gpg.conf", gpg_configuration(options, fingerprint)));
    DataObject data;
    gpgme_set_armor(context.get(), 1);
    TRY(context.run("exporting the public key", deadline(), [&] {
      return gpgme_op_export_start(context.get(), fingerprint.c_str(), GPGME_EXPORT_MODE_MINIMAL, data.get());
    }));
    public_key = data.take();
    if (public_key.empty()) return fail(ErrorCode::internal, "exporting the public key " + fingerprint + ": gpg wrote nothing");
    return {};
  }

  Result<std::string> sign_in(Context& context, std::string_view bytes, gpgme_sig_mode_t mode, SignatureForm form,
                              SteadyTime until) {
    const std::string attempted = "signing with " + fingerprint;
    DataObject input(bytes), output;
    gpgme_set_armor(context.get(), form == SignatureForm::armored ? 1 : 0);
    TRY(context.run(attempted, until, [&] { return gpgme_op_sign_start(context.get(), input.get(), output.get(), mode); }));
    const auto* result = gpgme_op_sign_result(context.get());
    const auto* made = result == nullptr ? nullptr : result->signatures;
    if (made == nullptr || made->next != nullptr)
      return fail(ErrorCode::internal, attempted + ": gpg did not make exactly one signature");
    if (fingerprint != made->fpr) return fail(ErrorCode::internal, attempted + ": gpg signed with " + made->fpr + " instead");
    const auto wanted = options.digest == SignatureDigest::sha256 ? GPGME_MD_SHA256 : GPGME_MD_SHA512;
    if (made->hash_algo != wanted)
      return fail(ErrorCode::internal, attempted + ": gpg used " + gpgme_hash_algo_name(made->hash_algo));
    return output.take();
  }

  // A free home; the homes beyond the first are made ready when several signatures are wanted at once, not before.
  Result<Context*> take_home(SteadyTime until) {
    std::unique_lock lock(mutex);
    if (free.empty() && !untried.empty()) {
      Context* context = untried.back();
      untried.pop_back();
      lock.unlock();
      TRY(import_key(*context));
      TRY(sign_in(*context, "trial", GPGME_SIG_MODE_DETACH, SignatureForm::binary, until));
      return context;
    }
    if (!freed.wait_until(lock, until, [&] { return !free.empty(); }))
      return fail(ErrorCode::unavailable, "signing with " + fingerprint + ": no signing home became free in time");
    Context* context = free.back();
    free.pop_back();
    return context;
  }

  void give_home_back(Context* context) {
    const std::lock_guard lock(mutex);
    free.push_back(context);
    freed.notify_one();
  }

  Result<std::string> sign(std::string_view bytes, gpgme_sig_mode_t mode, SignatureForm form) {
    const SteadyTime until = deadline();
    TRY_ASSIGN(Context* const context, take_home(until));
    auto signature = sign_in(*context, bytes, mode, form, until);
    give_home_back(context);
    return signature;
  }

  SigningHomes homes;  // outlives the contexts; its end stops the agents
  Secret private_key, passphrase;
  GpgSignerOptions options;
  std::string fingerprint;
  std::string public_key;
  std::vector<std::unique_ptr<Context>> contexts;
  std::mutex mutex;
  std::condition_variable freed;
  std::vector<Context*> free, untried;
};

GpgSigner::GpgSigner(std::unique_ptr<State> state) : state_(std::move(state)) {}
GpgSigner::~GpgSigner() = default;

Result<std::unique_ptr<GpgSigner>> GpgSigner::open(const SigningSecrets& secrets, const GpgSignerOptions& options) {
  static std::once_flag once;
  std::call_once(once, [] { gpgme_check_version(nullptr); });
  if (const gpgme_error_t error = gpgme_engine_check_version(GPGME_PROTOCOL_OpenPGP); error != 0)
    return fail(ErrorCode::unavailable, gpgme_failure("starting gpg (is gnupg installed?)", error).message);
  TRY_ASSIGN(SigningHomes homes, SigningHomes::make(options.folders, std::max<std::uint32_t>(1, options.parallel_homes)));
  TRY(homes.write_configuration("gpg-agent.conf", agent_configuration));
  TRY(homes.write_configuration("gpg.conf", gpg_configuration(options, "")));
  auto state = std::make_unique<State>(std::move(homes), secrets, options);

  Context* first = state->untried.front();
  state->untried.erase(state->untried.begin());
  TRY(state->import_key(*first));
  TRY(state->choose(*first, secrets.key_id));
  TRY(state->sign_in(*first, "trial", GPGME_SIG_MODE_DETACH, SignatureForm::binary, state->deadline()));
  state->give_home_back(first);
  return std::unique_ptr<GpgSigner>(new GpgSigner(std::move(state)));
}

Result<std::string> GpgSigner::sign_detached(std::string_view bytes, SignatureForm form) {
  return state_->sign(bytes, GPGME_SIG_MODE_DETACH, form);
}
Result<std::string> GpgSigner::sign_clear(std::string_view text) {
  return state_->sign(text, GPGME_SIG_MODE_CLEAR, SignatureForm::armored);
}
Result<std::string> GpgSigner::public_key() { return state_->public_key; }
std::string GpgSigner::fingerprint() const { return state_->fingerprint; }

Result<std::unique_ptr<GpgSigner>> open_signer(const SigningSettings& settings) {
  TRY_ASSIGN(const SigningSecrets secrets, take_signing_secrets(settings.key_id));
  GpgSignerOptions options;
  options.parallel_homes = settings.parallel_homes;
  options.subkey = settings.subkey;
  return GpgSigner::open(secrets, options);
}

}  // namespace packyard
