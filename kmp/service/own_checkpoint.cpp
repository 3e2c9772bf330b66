#include "kmp/service/own_checkpoint.h"

#include "audit/event.h"
#include "audit/log_reader.h"
#include "kmp/service/tables.h"

namespace kmp::service {

using base::Code;

base::Result<std::vector<CheckpointKey>> checkpoint_keys(store::Database& database) {
    KMP_TRY(const base::Bytes first, audit::LogReader(database).record(0));
    KMP_TRY(const audit::Record genesis, audit::Record::decode(first));
    KMP_TRY(pki::Certificate own, pki::Certificate::from_der(genesis.bytes(audit::Field::certificate)));
    std::vector<CheckpointKey> out;
    out.push_back({0, std::move(own)});
    KMP_TRY(const auto later, tables::platforms(database));
    for (const tables::Platform& p : later) {
        KMP_TRY(pki::Certificate certificate, pki::Certificate::from_der(p.certificate));
        out.push_back({p.event, std::move(certificate)});
    }
    return out;
}

base::Result<base::Bytes> checkpoint_key_at(store::Database& database, std::uint64_t index) {
    KMP_TRY(const std::vector<CheckpointKey> keys, checkpoint_keys(database));
    base::Bytes out = keys.front().certificate.spki();
    for (const CheckpointKey& key : keys)
        if (key.from < index) out = key.certificate.spki();
    return out;
}

base::Result<audit::Checkpoint> own_checkpoint(store::Database& database, std::string_view note) {
    KMP_TRY(const base::Bytes first, audit::LogReader(database).record(0));
    KMP_TRY(const audit::Record genesis, audit::Record::decode(first));
    KMP_TRY(const std::vector<CheckpointKey> keys, checkpoint_keys(database));
    base::Result<audit::Checkpoint> out{Code::key_invalid, "no key has signed checkpoints of this log"};
    // Mostly it is the newest.
    for (auto key = keys.rbegin(); key != keys.rend() && !out; ++key) {
        out = audit::verify_checkpoint(note, key->certificate.spki());
        // What is no note is none under any key.
        if (!out && out.error().code != Code::key_invalid) return out;
    }
    if (out && out->origin != genesis.text(audit::Field::origin)) return {Code::invalid_argument, "it is of another log, " + out->origin};
    return out;
}

}  // namespace kmp::service
