// The peppers of this installation: one file each in a folder (state/peppers/), named for its id, 32 random bytes, mode 0600, in
// a folder of mode 0700. The first one is made by the very first start, that is while there is neither a pepper nor a key;
// whichever process comes first makes it, the others find it. Never replaced: without its pepper no key can be recognised any
// more.
#pragma once

#include <filesystem>
#include <vector>

#include "core/pepper.h"
#include "core/random_source.h"
#include "core/result.h"
#include "storage/key_store.h"

namespace packyard {

struct Peppers {
  Pepper current;               // for new keys: the one made last
  std::vector<Pepper> earlier;  // older keys may still name these
};

// Fails as invalid when others may read a pepper, as corrupt when its bytes do not belong to its name, and as not_found when
// keys name a pepper that is not there: restore it from the backup, a new one would lock every customer out.
Result<Peppers> load_peppers(const std::filesystem::path& folder, KeyStore& keys, RandomSource& random);

}  // namespace packyard
