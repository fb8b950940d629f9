#include "programs/packyard/key_transfer.h"

#include <cstdio>
#include <fstream>
#include <functional>
#include <iostream>

#include "admin/key_json.h"
#include "core/json_document.h"
#include "core/log.h"

namespace packyard {
namespace {

constexpr std::size_t request_lines_max = 1000;
constexpr std::size_t request_bytes_max = 1024 * 1024;
constexpr std::string_view lines_type = "application/x-ndjson";

ExitCode complain(const std::string& message, ExitCode status) {
  std::fprintf(stderr, "packyard keys: %s\n", message.c_str());
  return status;
}

ExitCode explain(const Result<AdminAnswer>& answer) {
  if (!answer)
    return complain(answer.error().message, answer.error().code == ErrorCode::unavailable ? ExitCode::failed : ExitCode::refused);
  const auto error = parse_error_view(answer->body);
  const std::string text = error ? escape_for_log(error->message, 1000) + " (" + escape_for_log(error->code) + ")" : error.error().message;
  return complain(text, answer->status >= 500 ? ExitCode::failed : ExitCode::refused);
}

bool print(std::string_view text) {
  return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0;
}

// Sends the lines of the file a thousand at a time, or a MiB.
ExitCode send_lines(const std::string& file, const std::function<ExitCode(const std::string& lines)>& send) {
  std::ifstream opened;
  if (file != "-") opened.open(file);
  std::istream& input = file == "-" ? std::cin : opened;
  if (!input) return complain("opening " + file + ": it cannot be read; name a file of lines, or - for standard input", ExitCode::usage);
  std::string lines, line;
  std::size_t count = 0;
  while (std::getline(input, line)) {
    const bool is_full = count == request_lines_max || (count > 0 && lines.size() + line.size() >= request_bytes_max);
    if (is_full) {
      if (const ExitCode sent = send(lines); sent != ExitCode::done) return sent;
      lines.clear();
      count = 0;
    }
    lines += line + "\n";
    ++count;
  }
  if (input.bad()) return complain("reading " + file + " failed", ExitCode::failed);
  return count == 0 ? ExitCode::done : send(lines);
}

}  // namespace

ExitCode export_keys(const AdminClient& client) {
  for (std::string path = "/api/v1/export?limit=1000"; !path.empty();) {
    auto page = client.send("GET", path);
    if (!page || page->status != 200) return explain(page);
    if (!print(page->body)) return complain("writing to standard output failed", ExitCode::failed);
    path = std::move(page->next_page);
  }
  return ExitCode::done;
}

ExitCode import_keys(const AdminClient& client, const std::string& file) {
  std::uint64_t imported = 0, skipped = 0;
  const auto number = [](const JsonNode& object, std::string_view name) {
    const JsonNode* const node = object.find(name);
    return node == nullptr ? 0 : node->whole.value_or(0);
  };
  const ExitCode sent = send_lines(file, [&](const std::string& lines) {
    const auto answer = client.send("POST", "/api/v1/import", lines, lines_type);
    if (!answer || answer->status != 200) return explain(answer);
    if (const auto counts = parse_json(answer->body)) {
      imported += number(*counts, "imported");
      skipped += number(*counts, "skipped");
    }
    return ExitCode::done;
  });
  std::fprintf(stderr, "imported %llu keys, %llu were here already\n", static_cast<unsigned long long>(imported),
               static_cast<unsigned long long>(skipped));
  return sent;
}

ExitCode create_many_keys(const AdminClient& client, const std::string& file) {
  return send_lines(file, [&](const std::string& lines) {
    const auto answer = client.send("POST", "/api/v1/keys", lines, lines_type);
    if (!answer || answer->status != 201) return explain(answer);
    if (print(answer->body)) return ExitCode::done;
    return complain("keys were made, but writing them to standard output failed: list the newest, revoke them and make them again",
                    ExitCode::failed);
  });
}

}  // namespace packyard
