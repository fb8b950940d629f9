#include "tests/support/temporary_folder.h"

#include <cstdlib>
#include <system_error>

#include "core/check.h"

namespace packyard {

TemporaryFolder::TemporaryFolder() {
  std::string name = (std::filesystem::temp_directory_path() / "packyard_test.").string() + std::string(6, 'X');
  CHECK(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;  // a test may have moved it
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace packyard
