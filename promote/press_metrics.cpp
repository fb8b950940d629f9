#include "promote/press_metrics.h"

#include "core/durable_file.h"
#include "promote/publisher.h"
#include "promote/store_paths.h"

namespace packyard {
namespace {

// Label values are targets' texts: letters, digits, `/ . _ -`, nothing that the format would have escaped.
std::string gauge(std::string_view name, std::string_view help) {
  return "# HELP " + std::string(name) + " " + std::string(help) + "\n# TYPE " + std::string(name) + " gauge\n";
}

std::string gauge(std::string_view name, std::string_view help, std::int64_t value) {
  return gauge(name, help) + std::string(name) + " " + std::to_string(value) + "\n";
}

}  // namespace

PressMetrics::PressMetrics(const Settings& settings, const Log& log)
    : settings_(settings), log_(log), folder_(store_paths::metrics(settings)) {}

void PressMetrics::write(std::string_view file_name, const Result<std::string>& text) const {
  Result<void> written;
  if (text) {
    written = make_public_folders(folder_);
    if (written) written = write_file_durably(folder_ / file_name, *text, FileMode::world_readable);
  } else {
    written = fail(text.error());
  }
  if (!written) log_.warning("metrics_not_written", {{"file", file_name}, {"error", written.error().message}});
}

void PressMetrics::promotion_started(Timestamp now) const {
  write("promotion_running.prom", gauge("packyard_promotion_started_timestamp_seconds",
                                        "When the running promotion took the store; 0 while none runs.", now.seconds));
}

void PressMetrics::promotion_finished(Timestamp now, PromotionResult result) const {
  const bool succeeded = result == PromotionResult::succeeded;
  if (succeeded)
    write("promotion_success.prom", gauge("packyard_promotion_last_success_timestamp_seconds",
                                          "When a promotion last ended well, with a release or with nothing new.", now.seconds));
  write("promotion_result.prom",
        gauge("packyard_promotion_finished_timestamp_seconds", "When a promotion last ended, well or not.", now.seconds) +
            gauge("packyard_promotion_succeeded", "1 when the last promotion ended well, else 0.", succeeded ? 1 : 0));
  promotion_started({0});
}

Result<std::string> PressMetrics::describe_release(Catalog& catalog, std::uint64_t number) const {
  TRY_ASSIGN(const auto release, catalog.find_release(number));
  if (!release) return fail(ErrorCode::internal, "release " + std::to_string(number) + " is not in the catalog");
  std::string text =
      gauge("packyard_release_number", "The release that customers read.", static_cast<std::int64_t>(number)) +
      gauge("packyard_release_published_timestamp_seconds", "When it was published.", release->published_at.seconds);
  std::string valid;
  TRY_ASSIGN(const auto targets, catalog.release_targets(number));
  for (const auto& [target, generation] : targets) {
    const auto* suite = target.format == Format::deb ? settings_.find_deb_target(target.target.text()) : nullptr;
    if (suite == nullptr || !suite->valid_until) continue;
    TRY_ASSIGN(const Timestamp dated, catalog.generation_date(target, generation));
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(*suite->valid_until).count();
    valid += "packyard_release_valid_until_timestamp_seconds{target=\"" + target.text() + "\"} " +
             std::to_string(dated.seconds + seconds) + "\n";
  }
  if (!valid.empty())
    text += gauge("packyard_release_valid_until_timestamp_seconds", "When apt stops accepting the suite's Release file.") + valid;
  return text;
}

void PressMetrics::release_live(Catalog& catalog, std::uint64_t number) const {
  write("release.prom", describe_release(catalog, number));
}

void PressMetrics::signing_key_expires(std::optional<Timestamp> expiry) const {
  // Prometheus knows no "never": +Inf compares and subtracts as it should.
  const std::string name = "packyard_signing_key_expiry_timestamp_seconds";
  write("signing_key.prom", gauge(name, "When the package signing key as customers hold it expires; +Inf: never.") + name + " " +
                                (expiry ? std::to_string(expiry->seconds) : "+Inf") + "\n");
}

}  // namespace packyard
