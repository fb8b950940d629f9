// The keys of an S3 server, taken out of the environment once at the start, before other programs are started.
#pragma once

#include <string_view>

#include "core/result.h"
#include "storage/s3/aws_signature.h"

namespace packyard {

// `place` is what errors say is on S3: "staging". invalid when a variable is not set or is no key.
Result<AwsCredentials> take_s3_credentials(std::string_view access_key_variable, std::string_view secret_key_variable,
                                           std::string_view place);

}  // namespace packyard
