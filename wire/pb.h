#pragma once
/// The generated messages of wire/kmp.proto under a short name. Include it only where messages are built or read.
#include "wire/kmp.pb.h"

namespace wire {
namespace pb = ::kmp::v1;
}  // namespace wire
