// packyard-press release list | show | diff | rollback | refresh | pin | unpin
#include <CLI/CLI.hpp>
#include <iostream>

#include "core/json_text.h"
#include "programs/packyard_press/press_command.h"
#include "programs/packyard_press/report.h"
#include "promote/image_resealing.h"
#include "promote/refresh.h"
#include "promote/release_history.h"
#include "promote/rollback.h"

namespace packyard {
namespace {

using Signing = OpenedPress::Signing;

std::string_view state_text(ReleaseState state) {
  switch (state) {
    case ReleaseState::prepared: return "prepared";
    case ReleaseState::live: return "live";
    case ReleaseState::past: return "past";
    case ReleaseState::removed: return "removed";
  }
  return "past";
}

std::string row_as_json(const ReleaseRow& row) {
  return "\"release\":" + std::to_string(row.number) + ",\"kind\":" + json_text(to_string(row.kind)) +
         ",\"published_at\":" + json_text(row.published_at.rfc3339()) + ",\"state\":" + json_text(state_text(row.state)) +
         ",\"pinned\":" + (row.pinned ? "true" : "false") + ",\"summary\":" + json_text(row.summary);
}

std::string row_as_text(const ReleaseRow& row) {
  return std::to_string(row.number) + "  " + row.published_at.rfc3339() + "  " + std::string(to_string(row.kind)) + "  " +
         std::string(state_text(row.state)) + (row.pinned ? ", pinned" : "") + "  " + row.summary;
}

Result<ExitCode> list(const PressParts& parts, const PressCommand& command) {
  TRY_ASSIGN(const auto releases, list_releases(parts));
  if (!command.json) {
    for (const auto& row : releases) std::cout << row_as_text(row) << "\n";
    if (releases.empty()) std::cout << "nothing was published yet\n";
    return ExitCode::done;
  }
  std::cout << "[";
  for (std::size_t i = 0; i < releases.size(); ++i) std::cout << (i == 0 ? "{" : ",{") << row_as_json(releases[i]) << "}";
  std::cout << "]\n";
  return ExitCode::done;
}

Result<ExitCode> show(const PressParts& parts, const PressCommand& command, std::uint64_t number) {
  TRY_ASSIGN(const auto details, show_release(parts, number));
  if (command.json) {
    std::cout << "{" << row_as_json(details.release) << ",\"targets\":{";
    bool is_first = true;
    for (const auto& [target, generation] : details.targets) {
      std::cout << (is_first ? "" : ",") << json_text(target.text()) << ":" << generation;
      is_first = false;
    }
    std::cout << "}}\n";
    return ExitCode::done;
  }
  std::cout << row_as_text(details.release) << "\n";
  for (const auto& [target, generation] : details.targets)
    std::cout << "  " << target.text() << "  generation " << generation << "\n";
  for (const auto& entry : details.journal)
    std::cout << "  " << entry.at.rfc3339() << "  " << entry.step << "  " << entry.detail << "\n";
  return ExitCode::done;
}

Result<ExitCode> diff(const PressParts& parts, const PressCommand& command, std::uint64_t from, std::uint64_t to) {
  TRY_ASSIGN(const auto changes, compare_releases(parts, from, to));
  if (command.json)
    std::cout << changes_as_json(changes) << "\n";
  else
    std::cout << (changes.empty() ? "no difference\n" : changes_as_text(changes));
  return ExitCode::done;
}

ExitCode print_change(const PressCommand& command, const ChangeOutcome& outcome, const std::string& done) {
  if (command.json) {
    std::cout << "{\"release\":" << (outcome.release ? std::to_string(*outcome.release) : "null")
              << ",\"changes\":" << changes_as_json(outcome.changes) << ",\"findings\":" << findings_as_json(outcome.findings)
              << "}\n";
  } else if (!outcome.findings.empty()) {
    std::cerr << "packyard-press: refused, nothing was changed:\n" << findings_as_text(outcome.findings);
  } else if (!outcome.release) {
    std::cout << "nothing to do\n";
  } else {
    std::cout << changes_as_text(outcome.changes) << "release " << *outcome.release << " is live" << done << "\n";
  }
  return outcome.findings.empty() ? ExitCode::done : ExitCode::refused;
}

struct RollbackOptions {
  ScopeOptions scope;
  std::uint64_t to = 0;
  bool force = false;
};

Result<ExitCode> rollback(const PressParts& parts, const PressCommand& command, const RollbackOptions& options) {
  RollbackRequest request;
  TRY_ASSIGN(request.scope, options.scope.parse());
  if (options.to != 0) request.to = options.to;
  if (options.force) request.others = OtherPromotions::undone;
  TRY_ASSIGN(const auto outcome, roll_back(parts, request));
  return print_change(command, outcome, ", with the content of release " + std::to_string(outcome.from) + R"(
What customers must know:
- A host that installed a newer version keeps it: dnf distro-sync, or an apt pin above 1000, takes it back.
- A fix needs a version higher than the one that was taken back, or those hosts never see it.
- A name that was published keeps its bytes: promote the same file again, or raise the version or release.
- Image tags moved back with it; a digest that a cluster pins stays readable.)");
}

// Registers a subcommand whose work gets the opened press.
template <class Work>
void on_chosen(CLI::App& app, PressCommand& command, Signing signing, Work work) {
  app.callback([&command, signing, work] {
    command.run = [&command, signing, work](const Settings& settings) -> Result<ExitCode> {
      TRY_ASSIGN(const auto press, OpenedPress::open(settings, command, signing));
      return work(press->parts());
    };
  });
}

void add_looking_commands(CLI::App& release, PressCommand& command) {
  auto* list_command = release.add_subcommand("list", "the releases that are kept, oldest first");
  add_json_option(*list_command, command);
  on_chosen(*list_command, command, Signing::not_needed, [&command](const PressParts& parts) { return list(parts, command); });

  auto* show_command = release.add_subcommand("show", "one release: its targets and what was done");
  const auto number = std::make_shared<std::uint64_t>(0);
  show_command->add_option("N", *number, "release number")->required();
  add_json_option(*show_command, command);
  on_chosen(*show_command, command, Signing::not_needed,
            [&command, number](const PressParts& parts) { return show(parts, command, *number); });

  auto* diff_command = release.add_subcommand("diff", "what customers see change from one release to another");
  const auto from = std::make_shared<std::uint64_t>(0), to = std::make_shared<std::uint64_t>(0);
  diff_command->add_option("N", *from, "from release")->required();
  diff_command->add_option("M", *to, "to release")->required();
  add_json_option(*diff_command, command);
  on_chosen(*diff_command, command, Signing::not_needed,
            [&command, from, to](const PressParts& parts) { return diff(parts, command, *from, *to); });
}

struct RefreshOptions {
  ScopeOptions scope;
  bool images = false, redate = false;
};

Result<ExitCode> refresh_chosen(const PressParts& parts, const PressCommand& command, const RefreshOptions& options) {
  if (options.redate) {
    TRY_ASSIGN(const auto redated, redate(parts));
    return print_change(command, redated, R"(, with the same content, dated now
What customers must know:
- apt that checks dates (it does unless told otherwise) and dnf and zypper follow by themselves.
- A host whose own clock was ahead, or with Acquire::Check-Date "false", took the later date and ignores this release until then:
  rm -r /var/lib/apt/lists/*, then apt update. yum of el7: yum clean metadata.)");
  }
  TRY_ASSIGN(const auto scope, options.scope.parse());
  if (options.images) {
    TRY_ASSIGN(const auto outcome, reseal_images(parts, scope));
    return print_change(command, outcome, R"(, with the same images, signed as the settings and the key ask for now
What customers must know:
- Tags and digests are the same: nothing is pulled again.
- With a new key they need the new cosign.pub; with another site, the new name in their policies.)");
  }
  TRY_ASSIGN(const auto outcome, refresh(parts, scope));
  return print_change(command, outcome, ", with the same content, signed and dated anew");
}

void add_refresh_command(CLI::App& release, PressCommand& command) {
  auto* refresh_command = release.add_subcommand("refresh", "sign anew what has a Valid-Until, the scope given, or images");
  const auto options = std::make_shared<RefreshOptions>();
  add_scope_options(*refresh_command, options->scope);
  auto* images_option = refresh_command->add_flag(
      "--images", options->images,
      "sign published images anew, of the scope or all, after a change of the image key, site or signing.image_signatures; "
      "tags and digests stay");
  auto* redate_option = refresh_command->add_flag(
      "--redate", options->redate,
      "the clock was ahead at the newest release: what lies in the future is published again, dated now");
  for (const char* name : {"--component", "--year", "--format", "--target"}) redate_option->excludes(name);
  redate_option->excludes(images_option);
  add_json_option(*refresh_command, command);
  on_chosen(*refresh_command, command, Signing::needed,
            [&command, options](const PressParts& parts) { return refresh_chosen(parts, command, *options); });
}

void add_changing_commands(CLI::App& release, PressCommand& command) {
  auto* rollback_command = release.add_subcommand("rollback", "a new release with the earlier content of a scope");
  const auto options = std::make_shared<RollbackOptions>();
  add_scope_options(*rollback_command, options->scope);
  rollback_command->add_option("--to", options->to, "release whose content comes back; default: the last one that was different");
  rollback_command->add_flag("--force", options->force, "store-wide: also undo later promotions of other targets");
  add_json_option(*rollback_command, command);
  on_chosen(*rollback_command, command, Signing::needed,
            [&command, options](const PressParts& parts) { return rollback(parts, command, *options); });

  add_refresh_command(release, command);

  for (const auto pinning : {Pinning::pinned, Pinning::unpinned}) {
    const bool pins = pinning == Pinning::pinned;
    auto* pin_command = release.add_subcommand(pins ? "pin" : "unpin",
                                               pins ? "retention never removes this release" : "retention may remove it again");
    const auto number = std::make_shared<std::uint64_t>(0);
    pin_command->add_option("N", *number, "release number")->required();
    on_chosen(*pin_command, command, Signing::not_needed, [number, pinning](const PressParts& parts) -> Result<ExitCode> {
      TRY(pin_release(parts, *number, pinning));
      std::cout << "release " << *number << (pinning == Pinning::pinned ? " is pinned\n" : " is not pinned any more\n");
      return ExitCode::done;
    });
  }
}

}  // namespace

void add_release_commands(CLI::App& app, PressCommand& command) {
  auto* release = app.add_subcommand("release", "look at releases, roll back, refresh, pin");
  release->require_subcommand(1);
  release->fallthrough();
  add_looking_commands(*release, command);
  add_changing_commands(*release, command);
}

}  // namespace packyard
