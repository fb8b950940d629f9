#include "core/command_runner.h"

#include <gtest/gtest.h>

namespace packyard {
namespace {

Command shell(const std::string& text) {
  Command command;
  command.arguments = {"sh", "-c", text};
  return command;
}

TEST(CommandRunner, PassesInputAndCollectsOutput) {
  SystemCommandRunner runner;
  Command command = shell("cat; echo problem >&2; exit 3");
  command.input = std::string(300'000, 'x');
  const auto outcome = runner.run(command);
  ASSERT_TRUE(outcome) << outcome.error().message;
  EXPECT_EQ(outcome->exit_status, 3);
  EXPECT_EQ(outcome->output, command.input);
  EXPECT_EQ(outcome->errors, "problem\n");
}

TEST(CommandRunner, SurvivesAProgramThatDoesNotRead) {
  SystemCommandRunner runner;
  Command command = shell("exit 0");
  command.input = std::string(1'000'000, 'x');
  EXPECT_EQ(runner.run(command).value().exit_status, 0);
}

TEST(CommandRunner, StopsAtTheDeadline) {
  SystemCommandRunner runner;
  Command command = shell("sleep 60");
  command.deadline = std::chrono::milliseconds(50);
  EXPECT_EQ(runner.run(command).error().code, ErrorCode::unavailable);
}

TEST(CommandRunner, StopsAProgramThatPrintsTooMuch) {
  SystemCommandRunner runner;
  Command command = shell("yes");
  command.output_bytes_max = 10'000;
  EXPECT_EQ(runner.run(command).error().code, ErrorCode::unavailable);
}

TEST(CommandRunner, NamesASignalAndAMissingProgram) {
  SystemCommandRunner runner;
  EXPECT_EQ(runner.run(shell("kill -9 $$")).value().exit_status, 137);
  Command missing;
  missing.arguments = {"/does/not/exist"};
  EXPECT_EQ(runner.run(missing).error().code, ErrorCode::not_found);
}

TEST(CommandRunner, PassesOnlyTheEnvironmentGiven) {
  SystemCommandRunner runner;
  setenv("PACKYARD_TEST_SECRET", "x", 1);
  Command command = shell("env");
  command.environment = {"GIVEN=1"};
  const std::string output = runner.run(command).value().output;
  unsetenv("PACKYARD_TEST_SECRET");
  EXPECT_EQ(output.find("PACKYARD_TEST_SECRET"), std::string::npos);
  EXPECT_NE(output.find("GIVEN=1"), std::string::npos);
}

}  // namespace
}  // namespace packyard
