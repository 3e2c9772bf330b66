#include <nlohmann/json.hpp>

#include "base/fd.h"
#include "base/words.h"
#include "kmp/kmpctl/commands.h"
#include "kmp/kmpctl/minutes.h"
#include "kmp/kmpctl/print.h"
#include "wire/json.h"

namespace kmp::kmpctl {
namespace {

namespace pb = wire::pb;
using Use = wire::PinSource::Use;
constexpr std::size_t kMaxNote = 16384;

}  // namespace

base::Status backup(Officer& officer, const std::string& folder) {
    KMP_CHECK(officer.enter_master());
    pb::AdminRequest request;
    request.mutable_backup()->set_folder(whole_path(folder));
    KMP_TRY(const pb::AdminReply reply, officer.ask(std::move(request)));
    return officer.show_or_request(reply, reply.backup(), backup_text(reply.backup()));
}

std::string backup_text(const pb::BackupReply& b) {
    return "The backup is in " + b.folder() + ": " + base::counted(b.events(), "event") + ".\nCarry it away, and its checkpoint apart from it. It opens with a master-control UKEY and whoever opens that.\n";
}

base::Status restore(Officer& officer, const RestoreArguments& arguments) {
    pb::AdminRequest request;
    auto& restore = *request.mutable_restore();
    if (!arguments.folder.empty()) restore.set_folder(whole_path(arguments.folder));
    restore.set_platform_reader(arguments.platform_reader);
    restore.set_reason(arguments.reason);
    restore.set_handover(arguments.handover);
    for (const std::string& serial : arguments.officers) restore.add_officers(serial);
    if (!arguments.checkpoint.empty()) {
        KMP_TRY(const base::Bytes note, base::read_file(arguments.checkpoint, kMaxNote));
        restore.set_checkpoint(base::to_string(note));
    }
    KMP_TRY(const Minutes minutes, Minutes::at(arguments.minutes));
    KMP_CHECK(officer.enter_pin("platform", "PIN of the new platform UKEY", Use::fresh));
    if (arguments.officers.empty()) KMP_CHECK(officer.enter_pin("master", "PIN of the master-control UKEY", Use::existing));
    for (std::size_t i = 0; i < arguments.officers.size(); ++i)
        KMP_CHECK(officer.enter_pin("officer" + std::to_string(i + 1), "PIN of officer UKEY " + arguments.officers[i], Use::existing));
    if (arguments.handover) KMP_CHECK(officer.enter_pin("old", "PIN of the platform UKEY that hands over", Use::existing));
    KMP_TRY(const pb::AdminReply reply, officer.ask_for_another_log(std::move(request)));
    const pb::RestoreReply& done = reply.restore();
    const base::Status kept = minutes.keep(done.minutes());
    std::string notes;
    for (const std::string& note : done.notes()) notes += note + "\n";
    KMP_CHECK(officer.show(wire::to_json(done), "The platform is open, with platform UKEY " + done.platform() + " in the place of " + done.former() + ".\n\n" + done.minutes() + "\n" + notes +
                                                 "Destroy the former platform UKEY, if it is found. Have kmp-audit verify an export against the last checkpoint that was carried away.\n"));
    return kept;
}

}  // namespace kmp::kmpctl
