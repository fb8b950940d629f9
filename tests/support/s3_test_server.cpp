#include "tests/support/s3_test_server.h"

#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>

#include "core/check.h"
#include "tests/support/raw_client.h"

namespace packyard {

S3TestServer::S3TestServer() {
  const char* const source = std::getenv("PACKYARD_SOURCE_DIR");
  const std::string script = std::string(source == nullptr ? "." : source) + "/tests/support/s3_server.py";
  std::array<int, 2> input{}, output{};
  CHECK(pipe2(input.data(), O_CLOEXEC) == 0 && pipe2(output.data(), O_CLOEXEC) == 0);
  child_ = fork();
  CHECK(child_ >= 0);
  if (child_ == 0) {
    dup2(input[0], STDIN_FILENO);
    dup2(output[1], STDOUT_FILENO);
    execlp("python3", "python3", script.c_str(), nullptr);
    std::perror("starting python3");
    _exit(127);
  }
  close(input[0]);
  close(output[1]);
  input_ = input[1];
  std::string line;
  for (char c = 0; c != '\n' && read(output[0], &c, 1) == 1;) line += c;
  close(output[0]);
  port_ = static_cast<std::uint16_t>(std::atoi(line.c_str()));
  CHECK(port_ != 0);
}

S3TestServer::~S3TestServer() {
  close(input_);
  waitpid(child_, nullptr, 0);
}

S3TestServer& S3TestServer::shared() {
  static S3TestServer server;
  return server;
}

S3Settings S3TestServer::settings(std::string prefix) const {
  return {HttpOrigin{false, "127.0.0.1", port_}, "us-east-1", "staging", std::move(prefix), S3Style::path};
}

AwsCredentials S3TestServer::credentials() { return {"AKIDTEST", Secret("test/secret+key")}; }

JsonNode S3TestServer::control(std::string_view method, std::string_view path, std::string_view body) {
  RawClient client(port_);
  CHECK(client.send(std::string(method) + " /-/" + std::string(path) +
                    " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body)));
  const auto answer = client.read_answer();
  CHECK(answer && answer->status == 200);
  auto json = parse_json(answer->body);
  CHECK(json);
  return std::move(*json);
}

void S3TestServer::lie(std::string_view lies) {
  control("POST", "lies", lies);
  control("GET", "requests", "");
}

std::string S3TestServer::requests() {
  std::string text;
  for (const JsonNode& request : control("GET", "requests", "").items)
    text += request.find("method")->text + " " + request.find("target")->text + "\n";
  return text;
}

std::size_t S3TestServer::open_uploads() { return control("GET", "uploads", "").items.size(); }

}  // namespace packyard
