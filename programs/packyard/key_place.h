// KeyPlace: where the keys of this installation are kept: the database, the peppers and the change signal in the state folder.
// The one place that names these files; gate, admin and keys open them through it. Whoever changes keys raises the signal before
// and after each commit. Owned by the program; the store is safe to share between threads.
#pragma once

#include <memory>
#include <vector>

#include "core/result.h"
#include "core/settings.h"
#include "storage/change_signal.h"
#include "storage/key_store.h"
#include "storage/pepper_file.h"

namespace packyard {

struct KeyPlace {
  std::unique_ptr<KeyStore> store;
  ChangeSignal signal;
  Peppers peppers;

  // The current one first; they live as long as this object.
  std::vector<const Pepper*> all_peppers() const;
};

// Makes what is missing; fails rather than start with keys that nobody could use.
Result<KeyPlace> open_key_place(const Settings& settings);
// A further connection to the same database, so that writing on it makes no reader of the first one wait.
Result<std::unique_ptr<KeyStore>> open_key_store_again(const Settings& settings);

}  // namespace packyard
