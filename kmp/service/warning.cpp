#include "kmp/service/warning.h"

#include "base/words.h"

namespace kmp::service {
namespace {

constexpr base::Millis kOldBackup = 7 * base::kDay;  ///< one is made every night, and officers have weekends
constexpr base::Millis kEndNear = 30 * base::kDay;   ///< its holder must come with it

}  // namespace

void warn(wire::pb::StatusReply& out, const Warning& warning) {
    out.add_warnings(warning.line);
    auto& of = *out.add_warned_of();
    of.set_code(warning.code);
    of.set_subject(warning.subject);
    of.set_at_ms(warning.at);
    of.set_count(warning.count);
}

std::vector<Warning> backup_warnings(base::Millis last, base::Millis now) {
    const std::string help = "make one with 'kmpctl backup FOLDER', and carry it away";
    if (last == 0) return {{"no backup was ever made: " + help, Warning::Of::BACKUP_MISSING}};
    if (now - last <= kOldBackup) return {};
    return {{"the last backup is of " + base::to_rfc3339(last) + ": " + help, Warning::Of::BACKUP_OLD, {}, last}};
}

std::vector<Warning> ending_warnings(const tokens::Registry& registry, base::Millis now) {
    const tokens::UkeyRecord* first = nullptr;
    std::uint64_t count = 0;
    for (const tokens::UkeyRecord* r : registry.all()) {
        if (r->state != model::UkeyState::issued || r->kind == model::UkeyKind::platform || r->kind == model::UkeyKind::master_control || r->not_after - now > kEndNear) continue;
        ++count;
        if (first == nullptr || r->not_after < first->not_after) first = r;
    }
    if (first == nullptr) return {};
    const std::string serial = first->serial.text();
    const std::string who = count == 1 ? "UKEY " + serial + " ends" : std::to_string(count) + " UKEYs end soon, the first of them, " + serial + ",";
    return {{who + " on " + base::to_rfc3339(first->not_after) + ": renew it while its holder can come ('kmpctl ukey renew " + serial + "')", Warning::Of::UKEYS_END, serial, first->not_after, count}};
}

}  // namespace kmp::service
