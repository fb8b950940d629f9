#include "programs/packyard/keys.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

#include "admin/admin_client.h"
#include "admin/admin_token.h"
#include "admin/key_check.h"
#include "admin/key_fields.h"
#include "admin/key_json.h"
#include "admin/query_text.h"
#include "admin/usage_json.h"
#include "core/log.h"
#include "programs/packyard/key_options.h"
#include "programs/packyard/key_output.h"
#include "programs/packyard/key_transfer.h"

namespace packyard {
namespace {

constexpr const char* exit_codes_of_keys =
    "Exit codes: 0 done; 1 the admin refused (unknown component or key, wrong label, ...); 2 wrong options; 3 the admin cannot "
    "be\n"
    "reached, failed, or its store cannot do it now (try again, see the message)";

enum class Says { nothing, query, days, all_fields, changes, overlap, question, lines };  // what a verb sends

struct Options {
  std::string admin_url = "http://127.0.0.1:8088";
  std::string token_file;
  bool json = false;
  KeyOptions key;
  std::uint64_t overlap_seconds = 0;
  std::vector<QueryParameter> filters, days;  // of a list, of usage
  CheckRequest question;
  std::string file;
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
                 key->components.c_str(), key->expires_at.empty() ? "never" : key->expires_at.c_str());
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

ExitCode print_usage(const AdminAnswer& answer, const Options& options) {
  if (options.json) return print_or_complain(answer.body);
  const auto days = parse_usage(answer.body);
  return days ? print_or_complain(as_table(*days)) : complain(days.error().message, ExitCode::failed);
}

ExitCode print_check(const AdminAnswer& answer, const Options& options) {
  const auto check = parse_check_view(answer.body);
  if (!check) return complain(check.error().message, ExitCode::failed);
  std::string text = check->outcome + " (" + check->reason + ", status " + std::to_string(check->status) + "): " + check->explanation;
  if (!check->path_rule.empty()) text += "; the path breaks the rule " + check->path_rule;
  if (!check->key_id.empty()) text += "; the key is " + check->key_id;
  if (!check->warning.empty()) text += "; " + check->warning;
  const ExitCode printed = print_or_complain(options.json ? answer.body : text + "\n");
  return printed == ExitCode::done && check->outcome != "allow" ? ExitCode::refused : printed;
}

struct Verb {
  const char* name;
  const char* summary;
  const char* method;
  const char* below;  // the key's address
  Says says;
  unsigned success;
  ExitCode (*print)(const AdminAnswer&, const Options&);  // none: lines that come and go in many requests
};

constexpr Verb verbs[] = {
    {"create", "make a key; it is printed once, on standard output", "POST", "", Says::all_fields, 201, print_created},
    {"list", "list keys, revoked and expired ones too", "GET", "", Says::query, 200, print_list},
    {"show", "show one key", "GET", "", Says::nothing, 200, print_one},
    {"usage", "show how a key was used, day by day (UTC)", "GET", "/usage", Says::days, 200, print_usage},
    {"change", "change what a key opens, for whom and how long; what is not given stays", "PATCH", "", Says::changes, 200, print_one},
    {"rotate", "give a key a new secret, printed once; the old one opens for --overlap-seconds more", "POST", "/rotate", Says::overlap,
     200, print_created},
    {"suspend", "close a key until it is resumed", "POST", "/suspend", Says::nothing, 200, print_one},
    {"resume", "open a suspended key again", "POST", "/resume", Says::nothing, 200, print_one},
    {"revoke", "revoke a key for ever: in force at every gate when this returns; again is harmless", "DELETE", "", Says::nothing,
     200, print_one},
    {"check", "what the gate would say to a request and why; the key comes from standard input, or name it by --id", "POST", "",
     Says::question, 200, print_check},
    {"export", "print all keys with their digests, one JSON object on a line; it holds no secret", "GET", "", Says::nothing, 200, nullptr},
    {"import", "take the lines of an export; the exporter's peppers must be in state/peppers", "POST", "", Says::lines, 200, nullptr},
    {"create-many", "make a key for each line of JSON (component, label, ...); the keys are printed once, as lines", "POST", "",
     Says::lines, 201, nullptr},
};

bool asks_for_pages(const Verb& verb) { return verb.says == Says::query || verb.says == Says::days; }

Result<std::string> body_of(const Verb& verb, const Options& options) {
  if (verb.says == Says::nothing) return std::string(std::string_view(verb.method) == "POST" ? "{}" : "");
  if (asks_for_pages(verb)) return std::string();
  if (verb.says == Says::question) return check_request_json(options.question);
  if (verb.says == Says::overlap) return "{\"overlap_seconds\":" + std::to_string(options.overlap_seconds) + "}";
  TRY_ASSIGN(const KeyFields fields, options.key.fields());
  return key_fields_json(fields);
}

std::string path_of(const Verb& verb, const Options& options) {
  if (verb.says == Says::question) return "/api/v1/check";
  return "/api/v1/keys" + (options.id.empty() ? "" : "/" + options.id) + verb.below;
}

// Every page as one list, so that a store of any size is listed. A page that fails is the answer.
Result<AdminAnswer> all_pages(const AdminClient& client, const Verb& verb, const Options& options) {
  std::vector<QueryParameter> parameters = verb.says == Says::days ? options.days : options.filters;
  std::erase_if(parameters, [](const QueryParameter& parameter) { return parameter.value.empty(); });
  parameters.push_back({"limit", "1000"});
  AdminAnswer all;
  for (std::string path = path_of(verb, options) + "?" + query_text(parameters); !path.empty();) {
    TRY_ASSIGN(AdminAnswer page, client.send("GET", path));
    if (page.status != 200) return page;
    const bool is_list = page.body.starts_with("[") && page.body.ends_with("]\n");
    if (!is_list) return page;
    const std::string items = page.body.substr(1, page.body.size() - 3);
    all.body += (all.body.empty() || items.empty() ? "" : ",") + items;
    path = std::move(page.next_page);
  }
  return AdminAnswer{200, "[" + all.body + "]\n", {}};
}

// The key of a question: one line of standard input.
bool read_key(CheckRequest& question) {
  std::array<char, 256> line{};
  if (std::fgets(line.data(), static_cast<int>(line.size()), stdin) == nullptr) return false;
  std::string text(line.data());
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  line.fill('\0');
  question.key = Secret(std::move(text));
  return !question.key.empty();
}

ExitCode transfer(const Verb& verb, const AdminClient& client, const Options& options) {
  const std::string_view name = verb.name;
  if (name == "export") return export_keys(client);
  return name == "import" ? import_keys(client, options.file) : create_many_keys(client, options.file);
}

ExitCode run_verb(const Verb& verb, Options& options) {
  if (verb.says == Says::question && options.question.key_id.empty() && !read_key(options.question))
    return complain("no key on standard input; write it there on a line, or name it by --id", ExitCode::usage);
  auto client = AdminClient::make(options.admin_url);
  if (!client) return complain(client.error().message, ExitCode::usage);
  if (!options.token_file.empty()) {
    auto token = read_admin_token(options.token_file);
    if (!token) return complain(token.error().message, ExitCode::refused);
    client->authenticate(std::move(*token));
  }
  if (verb.print == nullptr) return transfer(verb, *client, options);
  const auto body = body_of(verb, options);
  if (!body) return complain(body.error().message, ExitCode::usage);
  const auto answer = asks_for_pages(verb) ? all_pages(*client, verb, options) : client->send(verb.method, path_of(verb, options), *body);
  if (!answer)
    return complain(answer.error().message, answer.error().code == ErrorCode::unavailable ? ExitCode::failed : ExitCode::refused);
  return answer->status == verb.success ? verb.print(*answer, options) : explain_refusal(*answer);
}

// An id goes into a path: nothing but letters, digits and '_' can be one.
std::string refuse_non_id(const std::string& text) {
  const bool plain = !text.empty() && std::ranges::all_of(text, [](unsigned char c) { return std::isalnum(c) != 0 || c == '_'; });
  return plain ? std::string() : "an id is written key_ and 16 letters and digits; packyard keys list shows them";
}

bool names_a_key(const Verb& verb) {
  const bool has_none = verb.says == Says::all_fields || verb.says == Says::query || verb.says == Says::question;
  return verb.print != nullptr && !has_none;
}

void add_filters(CLI::App& command, std::vector<QueryParameter>& filters) {
  filters = {{"component", {}}, {"status", {}}, {"search", {}}, {"expires_before", {}}};
  command.add_option("--component", filters[0].value, "only keys that open it");
  command.add_option("--status", filters[1].value, "only active, in_grace, not_yet_valid, expired, suspended or revoked ones");
  command.add_option("--search", filters[2].value, "only keys with this in their label, id or metadata");
  command.add_option("--expires-before", filters[3].value, "only keys that expire before this time, RFC 3339 UTC");
}

void add_days(CLI::App& command, std::vector<QueryParameter>& days) {
  days = {{"from", {}}, {"to", {}}};
  command.add_option("--from", days[0].value, "the first day, like 2026-01-31; default: the earliest that is kept (400 days)");
  command.add_option("--to", days[1].value, "the last day; default: today");
}

void add_question(CLI::App& command, CheckRequest& question) {
  command.add_option("uri", question.uri, "what is asked for, like /rpm/core/2025/el9-x86_64/repodata/repomd.xml")->required();
  command.add_option("--id", question.key_id, "the key's id, key_…; default: the key itself, on standard input")->check(refuse_non_id);
  command.add_option("--method", question.method, "method of the request")->capture_default_str();
  command.add_option_function<std::string>(
      "--address",
      [&question](const std::string& text) {
        question.address = IpAddress::parse(text);
        if (!question.address) throw CLI::ValidationError("--address", "not an IPv4 or IPv6 address");
      },
      "where the client is");
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
    if (names_a_key(verb)) command->add_option("id", options.id, "the key's id, key_…")->required()->check(refuse_non_id);
    if (verb.says == Says::all_fields) add_key_options(*command, options.key, KeyOptionUse::make);
    if (verb.says == Says::changes) add_key_options(*command, options.key, KeyOptionUse::change);
    if (verb.says == Says::query) add_filters(*command, options.filters);
    if (verb.says == Says::days) add_days(*command, options.days);
    if (verb.says == Says::lines) command->add_option("file", options.file, "file of lines, or - for standard input")->required();
    if (verb.says == Says::question) add_question(*command, options.question);
    if (verb.says == Says::overlap)
      command->add_option("--overlap-seconds", options.overlap_seconds, "how long the old secret still opens; 0 ends all old ones at once")
          ->required();
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
