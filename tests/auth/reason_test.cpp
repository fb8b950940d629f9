#include "auth/reason.h"

#include <gtest/gtest.h>

#include <set>

namespace packyard {
namespace {

TEST(Reason, EachHasItsPlaceNameAndSentence) {
  std::set<std::string_view> names;
  for (std::size_t place = 0; place < all_reasons.size(); ++place) {
    EXPECT_EQ(static_cast<std::size_t>(all_reasons[place]), place);
    names.insert(to_string(all_reasons[place]));
    EXPECT_FALSE(explain(all_reasons[place]).empty());
  }
  EXPECT_EQ(names.size(), all_reasons.size());
}

TEST(Reason, OnlyThreeLetARequestPass) {
  std::set<Reason> passing;
  for (const Reason reason : all_reasons)
    if (outcome_of(reason) == Outcome::allow) passing.insert(reason);
  EXPECT_EQ(passing, (std::set{Reason::ok, Reason::public_file, Reason::in_grace}));
  EXPECT_EQ(outcome_of(Reason::not_current), Outcome::error);
  EXPECT_EQ(to_string(outcome_of(Reason::revoked)), "deny");
}

}  // namespace
}  // namespace packyard
