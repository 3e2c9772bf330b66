#include "kmp/service/warning.h"

namespace kmp::service {
void warn(wire::pb::StatusReply& out, const Warning& warning) {
    out.add_warnings(warning.line);
    auto& of = *out.add_warned_of();
    of.set_code(warning.code);
    of.set_subject(warning.subject);
    of.set_at_ms(warning.at);
    of.set_count(warning.count);
}

}  // namespace kmp::service
