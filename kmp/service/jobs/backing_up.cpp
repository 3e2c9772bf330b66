// A backup: a folder with a copy of the database, as encrypted as the database itself, and what a restore needs beside it.
#include <sys/stat.h>

#include <cerrno>
#include <filesystem>

#include "base/fd.h"
#include "kmp/service/backup.h"
#include "kmp/service/deed.h"
#include "kmp/service/errand.h"
#include "kmp/service/jobs/reports.h"
#include "kmp/service/recovery.h"
#include "kmp/service/tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

/// ok for a path that a backup can be written to.
base::Status check_folder(const std::string& folder) {
    KMP_CHECK(check_line(folder, "folder", 1024));
    if (folder.front() != '/') return {Code::invalid_argument, "folder: the service needs its whole path, from / on"};
    std::error_code error;
    if (std::filesystem::exists(folder, error)) return {Code::already_exists, "folder: " + folder + " is there already; a backup takes a new one"};
    if (!std::filesystem::is_directory(std::filesystem::path(folder).parent_path(), error)) return {Code::not_found, "folder: there is no folder to make " + folder + " in"};
    return {};
}

/// Everything into a folder that does not have its name yet: what has the name is whole.
base::Result<backup::Manifest> write_all(Undertaking& u, const std::string& folder, const std::string& note) {
    std::error_code error;
    // A new one, for its owner only: whatever stands there already is somebody else's.
    if (::mkdir(folder.c_str(), 0700) != 0) return base::errno_error("folder: " + folder + " cannot be made", errno);
    KMP_TRY(const base::Secret key, database_key(u.job, u.books));
    KMP_TRY(store::Database source, store::Database::open(u.job.service.config().database(), key, store::Mode::read_only));
    KMP_CHECK(source.copy_to(folder + "/" + backup::kDatabase, key, [&](unsigned done, unsigned of) {
        u.job.progress("the database is copied", done, of);
        return true;
    }));
    KMP_TRY(const Recovery recovery, recovery_of(u.job, u.books));
    KMP_CHECK(base::write_file_atomically(folder + "/" + backup::kRecovery, base::as_bytes(recovery.text()), 0600));
    KMP_CHECK(base::write_file_atomically(folder + "/" + backup::kCheckpoint, base::as_bytes(note), 0600));
    backup::Manifest manifest;
    manifest.made = u.job.service.on_io([&] { return u.job.service.now(); });
    manifest.utility = u.books.house.utility;
    manifest.origin = u.books.house.origin;
    u.job.progress("its hash is taken", 0, 1);
    KMP_TRY(manifest.database, base::sha256_of_file(folder + "/" + backup::kDatabase));
    manifest.recovery = base::sha256(base::as_bytes(recovery.text()));
    KMP_TRY(store::Database copy, store::Database::open(folder + "/" + backup::kDatabase, key, store::Mode::read_only));
    audit::LogReader log(copy);
    KMP_TRY(manifest.events, log.size());
    KMP_CHECK(base::write_file_atomically(folder + "/" + backup::kManifest, base::as_bytes(manifest.text()), 0600));
    return manifest;
}

}  // namespace

base::Result<Plan> plan_backup(Job&, Books&, const wire::pb::Backup& request) {
    KMP_CHECK(check_folder(request.folder()));
    return Plan{model::Deed::backup, {{"folder", request.folder()}}};
}

base::Result<wire::pb::AdminReply> make_backup(Undertaking& u) {
    const std::string& folder = u.term("folder");
    KMP_CHECK(check_folder(folder));
    KMP_TRY(const wire::pb::AuditCheckpointReply checkpoint, sign_checkpoint(u.job));
    const std::string partial = folder + ".partial";
    std::error_code error;
    std::filesystem::remove_all(partial, error);
    auto manifest = write_all(u, partial, checkpoint.note());
    if (manifest) std::filesystem::rename(partial, folder, error);
    if (!manifest || error) {
        const std::string why = error ? error.message() : std::string();
        std::filesystem::remove_all(partial, error);
        if (!manifest) return std::move(manifest).error();
        return {Code::io_failed, "folder: " + folder + " cannot take its name: " + why};
    }
    Event made(EventType::backup_made);
    u.job.describe(made);
    made.number(Field::size, manifest->events).bytes(Field::data_hash, manifest->database).text(Field::detail, "in " + folder);
    u.word.name(made);
    Entry entry = entry_of(std::move(made));
    entry.effect = [](store::Transaction& t, const audit::Receipt& r) { return tables::set_last_backup(t, r.time); };
    KMP_TRY(const audit::Receipt receipt, u.books.writer->write(std::move(entry)));
    u.job.service.on_io([&] { u.books.last_backup = receipt.time; });
    wire::pb::AdminReply reply;
    auto& done = *reply.mutable_backup();
    done.set_folder(folder);
    done.set_events(manifest->events);
    done.set_database_hash(base::to_hex(manifest->database));
    fill(*done.mutable_receipt(), receipt);
    return reply;
}

}  // namespace kmp::service
