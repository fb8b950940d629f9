#include "programs/packyard/keys.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "admin/admin_client.h"
#include "admin/admin_token.h"
#include "admin/key_json.h"
#include "core/log.h"

namespace packyard {
namespace {

constexpr const char* exit_codes_of_keys =
    "Exit codes: 0 done; 1 the admin refused (unknown component or key, wrong label, ...); 2 wrong options; 3 the admin cannot "
    "be\n"
    "reached, failed, or its store cannot do it now (try again, see the message)";

struct Options {
  std::string admin_url = "http://127.0.0.1:8088";
  std::string token_file;
  bool json = false;
  KeyRequest request;
  std::string id;
};

ExitCode complain(const std::string& message, ExitCode status) {
  std::fprintf(stderr, "packyard keys: %s\n", message.c_str());
  return status;
}

// What the other side sends is shown only as far as it cannot steer the terminal; our own labels cannot.
ExitCode explain_refusal(const AdminAnswer& answer) {
  const auto error = parse_error_view(answer.body);
  if (!error) return complain(error.error().message + " (status " + std::to_string(answer.status) + ")", ExitCode::refused);
  const ExitCode status = answer.status >= 500 ? ExitCode::failed : ExitCode::refused;
  return complain(escape_for_log(error->message, 1000) + " (" + escape_for_log(error->code) + ")", status);
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string described(const KeyView& key) {
  std::string text;
  const auto line = [&](const char* name, const std::string& value) { text += std::string(name) + value + "\n"; };
  line("id          ", key.id);
  line("component   ", key.component);
  line("label       ", key.label);
  line("status      ", key.status);
  line("created     ", key.created_at);
  line("expires     ", or_dash(key.expires_at));
  line("revoked     ", or_dash(key.revoked_at));
  line("last used   ", or_dash(key.last_used_at));
  line("uses        ", std::to_string(key.use_count));
  return text;
}

// The label comes last: it may be long, and its width on a terminal is not its number of bytes.
std::string as_table(const std::vector<KeyView>& keys) {
  std::vector<std::vector<std::string>> rows = {{"ID", "COMPONENT", "STATUS", "CREATED", "EXPIRES", "LAST USED", "LABEL"}};
  for (const KeyView& key : keys)
    rows.push_back(
        {key.id, key.component, key.status, key.created_at, or_dash(key.expires_at), or_dash(key.last_used_at), key.label});
  std::vector<std::size_t> widths(rows.front().size(), 0);
  for (const auto& row : rows)
    for (std::size_t column = 0; column < row.size(); ++column) widths[column] = std::max(widths[column], row[column].size());
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t column = 0; column + 1 < row.size(); ++column)
      text += row[column] + std::string(widths[column] - row[column].size() + 2, ' ');
    text += row.back() + "\n";
  }
  return text;
}

ExitCode print_or_complain(std::string_view text) {
  return print(text) ? ExitCode::done : complain("writing to standard output failed", ExitCode::failed);
}

ExitCode print_created(const AdminAnswer& answer, const Options& options) {
  const auto key = parse_key_view(answer.body);
  if (!key || key->key.empty())
    return complain("the admin made a key, but its answer does not hold it; list the keys and revoke the newest",
                    ExitCode::failed);
  const bool printed = options.json ? print(answer.body) : print(key->key.reveal()) && print("\n");
  if (!printed)
    return complain("the key " + key->id + " was made, but writing it to standard output failed: revoke it and make another",
                    ExitCode::failed);
  if (!options.json)
    std::fprintf(stderr, "made %s for %s, expires %s; the key above is shown only this once\n", key->id.c_str(),
                 key->component.c_str(), key->expires_at.empty() ? "never" : key->expires_at.c_str());
  return ExitCode::done;
}

ExitCode print_one(const AdminAnswer& answer, const Options& options) {
  if (options.json) return print_or_complain(answer.body);
  const auto key = parse_key_view(answer.body);
  return key ? print_or_complain(described(*key)) : complain(key.error().message, ExitCode::failed);
}

ExitCode print_list(const AdminAnswer& answer, const Options& options) {
  if (options.json) return print_or_complain(answer.body);
  const auto keys = parse_key_views(answer.body);
  return keys ? print_or_complain(as_table(*keys)) : complain(keys.error().message, ExitCode::failed);
}

struct Verb {
  const char* name;
  const char* summary;
  const char* method;
  unsigned success;
  ExitCode (*print)(const AdminAnswer&, const Options&);
};

constexpr Verb verbs[] = {
    {"create", "make a key for one component; it is printed once, on standard output", "POST", 201, print_created},
    {"list", "list all keys, revoked and expired ones too", "GET", 200, print_list},
    {"show", "show one key", "GET", 200, print_one},
    {"revoke", "revoke a key: in force at every gate when this returns; again is harmless", "DELETE", 200, print_one},
};

ExitCode run_verb(const Verb& verb, const Options& options) {
  auto client = AdminClient::make(options.admin_url);
  if (!client) return complain(client.error().message, ExitCode::usage);
  if (!options.token_file.empty()) {
    auto token = read_admin_token(options.token_file);
    if (!token) return complain(token.error().message, ExitCode::refused);
    client->authenticate(std::move(*token));
  }
  const bool creates = std::string_view(verb.name) == "create";
  const std::string path = "/api/v1/keys" + (options.id.empty() ? "" : "/" + options.id);
  const auto answer = client->send(verb.method, path, creates ? key_request_json(options.request) : std::string());
  if (!answer)
    return complain(answer.error().message, answer.error().code == ErrorCode::unavailable ? ExitCode::failed : ExitCode::refused);
  return answer->status == verb.success ? verb.print(*answer, options) : explain_refusal(*answer);
}

// An id goes into a path: nothing but letters, digits and '_' can be one.
std::string refuse_non_id(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? std::string() : "an id is written key_ and 16 letters and digits; packyard keys list shows them";
}

}  // namespace

ExitCode run_keys(const std::vector<std::string>& arguments) {
  CLI::App app("Subscriber keys, over the admin API.", "packyard keys");
  Options options;
  app.require_subcommand(1);
  app.fallthrough();
  app.add_option("--admin", options.admin_url, "address of the admin API")->capture_default_str();
  app.add_option("--token-file", options.token_file, "file with the admin token, where the admin asks for one")
      ->envname("PACKYARD_ADMIN_TOKEN_FILE");
  app.add_flag("--json", options.json, "print the admin's answer as it is");
  app.footer(exit_codes_of_keys);
  for (const Verb& verb : verbs) {
    CLI::App* const command = app.add_subcommand(verb.name, verb.summary);
    command->footer(std::string("Also --json and --admin URL, see packyard keys --help.\n") + exit_codes_of_keys);
    const std::string_view name = verb.name;
    if (name == "create") {
      command->add_option("--component", options.request.component, "the component it opens")->required();
      command->add_option("--label", options.request.label, "whose key it is: 1 to 200 characters")->required();
      command->add_option("--expires-at", options.request.expires_at, "RFC 3339 UTC, like 2027-01-31T12:00:00Z; default: never");
    } else if (name != "list") {
      command->add_option("id", options.id, "the key's id, key_…")->required()->check(refuse_non_id);
    }
  }
  try {
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? ExitCode::done : ExitCode::usage;
  }
  const std::string chosen = app.get_subcommands().front()->get_name();
  return run_verb(*std::ranges::find_if(verbs, [&](const Verb& verb) { return chosen == verb.name; }), options);
}

}  // namespace packyard
