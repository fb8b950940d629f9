#include "auth/request_rule.h"

#include <gtest/gtest.h>

#include "tests/auth/gate_fixture.h"

namespace packyard {
namespace {

// Says which keys were asked for.
class RecordingJudge final : public KeyJudge {
 public:
  Decision judge(std::string_view key, const Question&, const RepositoryPath& path) noexcept override {
    keys.emplace_back(key);
    return decision_of(Reason::ok, path);
  }
  std::vector<std::string> keys;
};

class RequestRule : public GateFixture {
 protected:
  Reason ask(std::string_view target, std::string_view method, const std::vector<std::string>& headers) {
    const std::vector<std::string_view> authorization(headers.begin(), headers.end());
    return judge_request({target, method, authorization}, judge_).reason;
  }
  RecordingJudge judge_;
  static constexpr std::string_view file = "/rpm/core/2025/el9-x86_64/x";
};

TEST_F(RequestRule, AKeyIsLookedUpOnlyWhenAllElseIsRight) {
  const Secret key = make_subscriber_key(random_);
  const std::string good = basic(key.reveal());
  EXPECT_EQ(ask("/rpm/../x", "GET", {good}), Reason::bad_path);
  EXPECT_EQ(ask(file, "POST", {good}), Reason::bad_method);
  EXPECT_EQ(ask("/gpg/lts.asc", "GET", {good}), Reason::public_file);
  EXPECT_EQ(ask(file, "GET", {}), Reason::no_key);
  EXPECT_EQ(ask(file, "GET", {good, good}), Reason::bad_key);
  EXPECT_EQ(ask(file, "GET", {basic("pky_000000000000000000000000000000000000")}), Reason::bad_key);
  EXPECT_TRUE(judge_.keys.empty());
  EXPECT_EQ(ask(file, "GET", {good}), Reason::ok);
  EXPECT_EQ(judge_.keys, std::vector<std::string>{std::string(key.reveal())});
}

TEST_F(RequestRule, JudgingAKeyCountsNothing) {
  KeyEntry entry{sha256("x"), KeyId{"key_1"}, std::make_shared<const KeyScope>(KeyScope::of(ComponentName::parse("core").value()))};
  const RepositoryPath path = parse_repository_path(file).value();
  EXPECT_EQ(judge_key(entry, {file, "GET", {}}, path, clock_).reason, Reason::ok);
  EXPECT_EQ(judge_key(entry, {file, "PUT", {}}, path, clock_).reason, Reason::bad_method);
  entry.is_revoked = true;
  EXPECT_EQ(judge_key(entry, {file, "GET", {}}, path, clock_).key_id, "key_1");
}

}  // namespace
}  // namespace packyard
