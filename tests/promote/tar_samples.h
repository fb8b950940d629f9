// Tar archives byte by byte, for what no tar program writes; and sources that give bytes in pieces.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "core/command_runner.h"
#include "promote/decompressor.h"

namespace packyard {

inline std::string padded(std::string_view bytes) {
  return std::string(bytes) + std::string((512 - bytes.size() % 512) % 512, '\0');
}

// One member as ustar has it; types: '0' file, '1' hard link, '2' symbolic link, '3' device, '5' folder, '6' fifo, 'x' pax
// header.
inline std::string tar_member(std::string_view name, std::string_view bytes, char type = '0', std::string_view target = {}) {
  std::string header(512, '\0');
  const auto put = [&](std::size_t at, std::string_view text) { header.replace(at, text.size(), text); };
  put(0, name.substr(0, 100));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  std::array<char, 16> octal{};
  std::snprintf(octal.data(), octal.size(), "%011zo", bytes.size());
  put(124, octal.data());
  put(136, "00000000000");
  put(148, "        ");
  header[156] = type;
  put(157, target.substr(0, 100));
  put(257, std::string_view("ustar\0"
                            "00",
                            8));
  unsigned sum = 0;
  for (const char c : header) sum += static_cast<unsigned char>(c);
  std::snprintf(octal.data(), octal.size(), "%06o", sum);
  put(148, std::string_view(octal.data(), 7));
  return header + padded(bytes);
}

inline std::string tar_end() { return std::string(1024, '\0'); }

// The bytes in pieces; shared by the copies a std::function makes.
inline ByteSource source_of(std::string bytes, std::size_t piece_bytes = 64 * 1024) {
  return [kept = std::make_shared<std::string>(std::move(bytes)), at = std::make_shared<std::size_t>(0),
          piece_bytes]() -> Result<std::string_view> {
    const std::string_view piece = std::string_view(*kept).substr(*at, piece_bytes);
    *at += piece.size();
    return piece;
  };
}

// A tar that GNU tar made of a file with a hole of 1 MiB in it.
inline std::string sparse_tar(const std::filesystem::path& folder, const std::string& format) {
  SystemCommandRunner runner;
  const auto made = runner.run({.arguments = {"sh", "-c",
                                              "cd \"$0\" && rm -f holes && truncate -s 1M holes && echo end >>holes && "
                                              "tar --sparse --format=" +
                                                  format + " -c holes",
                                              folder.string()},
                                .environment = {},
                                .input = {}});
  EXPECT_TRUE(made && made->exit_status == 0);
  return made ? made->output : "";
}

}  // namespace packyard
