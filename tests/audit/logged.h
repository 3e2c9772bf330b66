#pragma once
#include "audit/export.h"
#include "store/transaction.h"
#include "tests/audit/log_database.h"
#include "tests/audit/sample_log.h"
#include "tests/store/temporary_folder.h"

/// A sample log in a database, as the service keeps it.
struct Logged {
    /// Logs the records of `log`, which gets as many as `size` first.
    void take(SampleLog& log, std::size_t size) {
        if (log.records.empty()) log.begin();
        while (log.records.size() < size) log.add(audit::Event(audit::EventType::configuration).text(audit::Field::note, std::to_string(log.records.size())));
        auto tx = *db.begin();
        for (std::size_t i = journal.size(); i < log.records.size(); ++i) {
            const auto record = *audit::Record::decode(log.records[i]);
            if (!journal.append(tx, event_of(record), record.time())) throw std::runtime_error("cannot log");
        }
        if (!tx.commit()) throw std::runtime_error("cannot log");
        journal.committed();
    }
    /// The records [first, end) with a checkpoint over the first `end`, or with the note given.
    base::Bytes exported(SampleLog& log, std::uint64_t first, std::uint64_t end, std::optional<std::string> note = {}) {
        const std::vector<base::Bytes> all = log.records;
        log.records.resize(end);
        if (!note) note = log.note();
        audit::ExportHead head = log.head();
        head.first = first;
        log.records = all;
        audit::LogReader reader = journal.reader();
        base::Bytes out;
        const base::Status written = audit::write_export(reader, head, *note, [&](base::ByteView piece) -> base::Status {
            out.insert(out.end(), piece.begin(), piece.end());
            return {};
        });
        if (!written) throw std::runtime_error(written.error().message);
        return out;
    }
    TemporaryFolder folder;
    base::Secret key = base::Secret(32);
    store::Database db = log_database(folder.file("kmp.db"), key);
    audit::Journal journal = *audit::Journal::open(db);
};
