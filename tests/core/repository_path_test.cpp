#include "core/repository_path.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "core/tree_path.h"

namespace packyard {
namespace {

// \xNN becomes that byte, {N*s} becomes s N times.
std::string expand(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text.substr(i, 2) == "\\x") {
      bytes += static_cast<char>(std::stoi(std::string(text.substr(i + 2, 2)), nullptr, 16));
      i += 3;
    } else if (const std::size_t star = text.find('*', i); text[i] == '{' && star != std::string_view::npos) {
      const std::size_t end = text.find('}', star);
      for (int times = std::stoi(std::string(text.substr(i + 1))); times > 0; --times)
        bytes += text.substr(star + 1, end - star - 1);
      i = end;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::string judged(std::string_view target) {
  const auto path = parse_repository_path(target);
  if (!path) return "reject " + std::string(to_string(path.error()));
  return "allow " + (path->component.empty() ? "-" : std::string(path->component));
}

TEST(RepositoryPath, EveryRowOfTheCorpusIsJudgedAsWritten) {
  std::ifstream file(std::string(std::getenv("PACKYARD_SOURCE_DIR")) + "/tests/data/request_targets.txt");
  ASSERT_TRUE(file) << "tests/data/request_targets.txt cannot be read";
  int rows = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with('#')) continue;
    const std::size_t first = line.find('\t'), second = line.find('\t', first + 1);
    ASSERT_NE(second, std::string::npos) << line;
    const std::string target = expand(std::string_view(line).substr(first + 1, second - first - 1));
    EXPECT_EQ(judged(target), line.substr(0, first)) << line;
    ++rows;
  }
  EXPECT_GT(rows, 150);
}

void expect_scope(const std::string& url, RepositoryArea area, const TargetId& target, std::string_view rest) {
  const auto path = parse_repository_path(url);
  ASSERT_TRUE(path) << url << ": " << to_string(path.error());
  EXPECT_EQ(path->area, area) << url;
  EXPECT_EQ(path->component, target.component.text()) << url;
  EXPECT_EQ(path->year, target.year.text()) << url;
  EXPECT_EQ(path->target, target.target.text()) << url;
  EXPECT_EQ(path->rest, rest) << url;
}

TEST(RepositoryPath, ReadsBackEveryUrlThatTreePathMakes) {
  const Sha256 digest = sha256("x");
  for (const char* name : {"rpm/core/2025/el9-x86_64", "rpm/core/2025/el9-source", "rpm/a.b_c-d/2999/el8-x86_64-debug"}) {
    const TargetId target = TargetId::parse(name).value();
    for (const char* file : {"acme-1.0-1.el9.x86_64.rpm", "Acme++-1:2~rc^3-4.noarch.rpm", "0ad-1-1.src.rpm"}) {
      const std::string location = tree_path::rpm_location(file);
      expect_scope("/" + tree_path::rpm_url(target, location), RepositoryArea::rpm, target, location);
    }
    for (const std::string& index : {std::string("repodata/repomd.xml"), "repodata/" + digest.hex() + "-primary.xml.zst"})
      expect_scope("/" + tree_path::rpm_url(target, index), RepositoryArea::rpm, target, index);
  }
  for (const char* name : {"deb/core/2025/bookworm", "deb/plus/2026/noble"}) {
    const TargetId target = TargetId::parse(name).value();
    const std::string by_hash = "main/binary-amd64/by-hash/SHA256/" + digest.hex();
    for (const std::string& index : {std::string("InRelease"), std::string("main/binary-all/Packages.xz"), by_hash})
      expect_scope("/" + tree_path::deb_dists_url(target, index), RepositoryArea::deb_index, target, index);
    for (const char* source : {"acme", "libx", "g++-13"}) {
      const std::string file = tree_path::deb_filename(target, source, "a_1.0+b~c_all.deb");
      const std::string url = "/deb/" + target.component.text() + "/" + target.year.text() + "/" + file;
      const std::string rest = file.substr(std::string("pool/").size() + target.target.text().size() + 1);
      expect_scope(url, RepositoryArea::deb_pool, target, rest);
    }
  }
}

TEST(RepositoryPath, EveryByteOutsidePrintableAsciiIsRejectedAnywhere) {
  const std::string good = "/rpm/core/2025/el9-x86_64/packages/a/a.rpm?q";
  for (int byte = 0; byte < 256; ++byte) {
    if (byte > 0x20 && byte < 0x7f && byte != '#') continue;
    for (std::size_t place = 0; place <= good.size(); ++place) {
      std::string target = good;
      target.insert(place, 1, static_cast<char>(byte));
      EXPECT_FALSE(parse_repository_path(target)) << byte << " at " << place;
    }
  }
}

TEST(RepositoryPath, NoEscapeIsAcceptedInTheDecisionPart) {
  const std::string good = "/deb/core/2025/dists/bookworm/";
  for (std::size_t place = 1; place + 1 < good.size(); ++place) {
    char escaped[4];
    std::snprintf(escaped, sizeof escaped, "%%%02x", static_cast<unsigned>(static_cast<unsigned char>(good[place])));
    std::string target = good + "InRelease";
    EXPECT_FALSE(parse_repository_path(target.replace(place, 1, escaped))) << target;
  }
}

}  // namespace
}  // namespace packyard
