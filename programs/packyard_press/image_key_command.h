// The image key's part of `packyard-press signing-key`: making a cosign key pair, and judging the configured one. On one thread.
#pragma once

#include <string>

#include "core/settings.h"
#include "programs/packyard_press/press_command.h"

namespace packyard {

struct JudgedImageKey {
  bool is_configured = false;
  std::string fingerprint;  // empty when the key cannot be opened
  std::string problem;      // empty: it opens, and its public half is served
};
// Takes the key out of the environment: to be called before anything that starts programs.
JudgedImageKey judge_image_key(const Settings& settings);
// A line or two each for a person; an object.
std::string image_key_as_text(const JudgedImageKey& judged);
std::string image_key_as_json(const JudgedImageKey& judged);

void add_new_cosign_command(CLI::App& signing_key, PressCommand& command);

}  // namespace packyard
