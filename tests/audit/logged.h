#pragma once
#include "audit/export.h"
#include "audit/journal.h"
#include "store/database.h"
#include "store/transaction.h"
#include "tests/audit/sample_log.h"
#include "tests/store/temporary_folder.h"

/// A sample log in a database, as the service keeps it.
struct Logged {
    Logged() {
        const store::Schema schema = audit::schema();
        if (!store::migrate(db, std::span(&schema, 1))) throw std::runtime_error("cannot make the tables");
        journal.emplace(*audit::Journal::open(db));
    }
    /// Logs the records of `log`, which gets as many as `size` first.
    void take(SampleLog& log, std::size_t size) {
        if (log.records.empty()) log.begin();
        while (log.records.size() < size) log.add(audit::Event(audit::EventType::configuration).text(audit::Field::note, std::to_string(log.records.size())));
        auto tx = *db.begin();
        for (std::size_t i = journal->size(); i < log.records.size(); ++i) {
            const auto record = *audit::Record::decode(log.records[i]);
            audit::Event event(record.type());
            for (const auto& item : record.items()) event.bytes(item.field, item.value);
            if (!journal->append(tx, event, record.time())) throw std::runtime_error("cannot log");
        }
        if (!tx.commit()) throw std::runtime_error("cannot log");
        journal->committed();
    }
    /// The records [first, end) with a checkpoint over the first `end`.
    base::Bytes exported(SampleLog& log, std::uint64_t first, std::uint64_t end) {
        SampleLog& whole = log;
        const std::vector<base::Bytes> all = whole.records;
        whole.records.resize(end);
        const std::string note = whole.note();
        audit::ExportHead head = whole.head();
        head.first = first;
        whole.records = all;
        audit::LogReader reader = journal->reader();
        base::Bytes out;
        const base::Status written = audit::write_export(reader, head, note, [&](base::ByteView piece) -> base::Status {
            out.insert(out.end(), piece.begin(), piece.end());
            return {};
        });
        if (!written) throw std::runtime_error(written.error().message);
        return out;
    }
    TemporaryFolder folder;
    base::Secret key = base::Secret(32);
    store::Database db = *store::Database::open(folder.file("kmp.db"), key, store::Mode::create);
    std::optional<audit::Journal> journal;
};
