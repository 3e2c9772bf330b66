#pragma once
#include <nlohmann/json_fwd.hpp>

namespace google::protobuf {
class Message;
}

namespace wire {

/// A message as a JSON object, for the programs' --json. Every field stands there under its name in kmp.proto, set or not,
/// in the order of the schema; a message field that is not set, and what is not chosen of a oneof, is left out. Numbers
/// are numbers, enums their names, bytes lower-case hex.
nlohmann::ordered_json to_json(const google::protobuf::Message& message);

}  // namespace wire
