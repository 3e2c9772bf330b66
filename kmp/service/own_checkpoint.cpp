#include "kmp/service/own_checkpoint.h"

#include "audit/event.h"
#include "audit/log_reader.h"
#include "kmp/service/tables.h"
#include "pki/certificate.h"

namespace kmp::service {

using base::Code;

base::Result<audit::Checkpoint> own_checkpoint(store::Database& database, std::string_view note) {
    audit::LogReader log(database);
    KMP_TRY(const base::Bytes first, log.record(0));
    KMP_TRY(const audit::Record genesis, audit::Record::decode(first));
    std::vector<base::Bytes> certificates{base::to_bytes(genesis.bytes(audit::Field::certificate))};
    KMP_TRY(const auto later, tables::platforms(database));
    for (const tables::Platform& p : later) certificates.push_back(p.certificate);
    base::Result<audit::Checkpoint> out{Code::key_invalid, "no key has signed checkpoints of this log"};
    // Mostly it is the newest.
    for (auto der = certificates.rbegin(); der != certificates.rend() && !out; ++der) {
        KMP_TRY(const pki::Certificate certificate, pki::Certificate::from_der(*der));
        out = audit::verify_checkpoint(note, certificate.spki());
        // What is no note is none under any key.
        if (!out && out.error().code != Code::key_invalid) return out;
    }
    if (out && out->origin != genesis.text(audit::Field::origin)) return {Code::invalid_argument, "it is of another log, " + out->origin};
    return out;
}

}  // namespace kmp::service
