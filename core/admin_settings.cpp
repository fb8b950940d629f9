#include "core/admin_settings.h"

#include <algorithm>
#include <cctype>

#include "core/listen_address.h"
#include "core/loopback_address.h"

namespace packyard {
namespace {

bool is_token_name(std::string_view text) {
  const auto fits = [](unsigned char c) { return std::isalnum(c) != 0 || c == '-' || c == '_' || c == '.' || c == '@'; };
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, fits);
}

void read_admin_token(SettingsSection& section, AdminSettings& admin, const std::filesystem::path& folder) {
  AdminTokenSettings token;
  section.text("name", token.name);
  if (!is_token_name(token.name))
    section.problem(section.line(), "name", "'" + token.name + "': expected 1 to 64 letters, digits, '-', '_', '.' and '@'");
  const bool is_taken = token.name == admin_token_name || token.name == "anyone" || token.name == "packyard" ||
                        std::ranges::any_of(admin.tokens, [&](const AdminTokenSettings& other) { return other.name == token.name; });
  if (is_taken) section.problem(section.line(), "name", "'" + token.name + "' stands twice, or is a name of packyard's own");
  const auto role = section.scalar("role");
  const auto known = role ? parse_admin_role(role->text) : std::nullopt;
  if (!known) section.problem(role ? role->origin : section.line(), "role", "expected read, keys or all");
  token.role = known.value_or(AdminRole::read);
  const auto file = section.scalar("file");
  if (!file || file->text.empty())
    section.problem(section.line(), "file", "needed: a private file with this token");
  else
    token.file = (folder / file->text).lexically_normal();
  admin.tokens.push_back(std::move(token));
}

}  // namespace

void read_admin_settings(SettingsSection& section, AdminSettings& admin, const std::filesystem::path& folder) {
  read_address(section, "listen", admin.listen);
  section.flag("allow_non_loopback", admin.allow_non_loopback);
  for (const SettingsText& text : section.list("allowed_hosts").value_or(std::vector<SettingsText>{}))
    admin.allowed_hosts.push_back(text.text);
  if (!is_loopback_address(admin.listen.host) && !admin.allow_non_loopback)
    section.problem(section.line(), "listen",
                    "'" + admin.listen.host +
                        "' is not loopback: anybody who reaches it can make keys; set allow_non_loopback: true if that is meant");
  if (const auto file = section.scalar("token_file"); file && !file->text.empty())
    admin.token_file = (folder / file->text).lexically_normal();
  section.each("tokens", [&](SettingsSection& token) { read_admin_token(token, admin, folder); });
  if (!is_loopback_address(admin.listen.host) && !admin.asks_for_token())
    section.problem(section.line(), "token_file",
                    "needed, because '" + admin.listen.host +
                        "' is not loopback: a private file with a token that clients of the admin send");
}

}  // namespace packyard
