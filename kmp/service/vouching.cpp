#include "kmp/service/vouching.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <thread>

#include "base/words.h"
#include "kmp/service/own_checkpoint.h"
#include "kmp/service/witness_tables.h"

namespace kmp::service {
namespace {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

/// Of the ceremony's platform UKEY, and of those that took its place.
base::Result<std::vector<Past::Key>> keys_of(store::Database& reads) {
    KMP_TRY(const std::vector<CheckpointKey> keys, checkpoint_keys(reads));
    std::vector<Past::Key> out;
    for (const CheckpointKey& key : keys) out.push_back({key.from, key.certificate.spki()});
    return out;
}

/// What is left of an earlier run. A file that does not parse, or that no key of this log has signed, proves nothing.
base::Status hold_files(const Config& config, Past& past) {
    for (const std::string& file : {config.checkpoint_file(), config.contradiction_file()}) {
        const auto note = base::read_file(file, audit::kMaxNoteBytes);
        if (!note) continue;
        if (auto held = past.hold(base::to_string(*note), file); !held && held.error().code == Code::tampered) return std::move(held).error();
    }
    return {};
}

std::uint64_t largest(const std::vector<Past::Contradiction>& accepted) {
    return std::ranges::max(accepted, {}, &Past::Contradiction::size).size;
}

Entry acceptance(std::vector<Past::Contradiction> accepted, Event event) {
    const std::uint64_t size = largest(accepted);
    event.number(Field::size, size).text(Field::detail, "the log goes on although checkpoints over up to " + base::counted(size, "record") + " were kept elsewhere that it does not go on from: whoever opened it says that an auditor has looked");
    Entry entry;
    entry.events.push_back(std::move(event));
    entry.effect = [accepted = std::move(accepted)](store::Transaction& t, const audit::Receipt&) -> base::Status {
        for (const Past::Contradiction& one : accepted) KMP_CHECK(tables::accept_contradiction(t, one));
        return {};
    };
    return entry;
}

}  // namespace

std::vector<std::unique_ptr<Carrier>> carriers_of(const Config& config, const std::shared_ptr<Past>& past, std::vector<std::string>& problems) {
    std::vector<std::unique_ptr<Carrier>> out;
    problems.clear();
    if (!config.audit_drop.empty()) out.push_back(drop_carrier(config.audit_drop, past));
    for (WitnessAddress& witness : read_witnesses(config.witnesses(), problems)) out.push_back(witness_carrier(std::move(witness), past));
    return out;
}

base::Status open_outlets(Job& job, Books& books, const base::Secret& key, std::uint64_t accept, std::vector<std::string>& notes) {
    const Config config = job.service.on_io([&] { return job.service.config(); });
    KMP_TRY(auto accepted, tables::accepted_contradictions(*books.reads));
    KMP_TRY(auto keys, keys_of(*books.reads));
    KMP_TRY(auto reads, store::Database::open(config.database(), key, store::Mode::read_only));
    const auto past = std::make_shared<Past>(std::move(reads), books.house.origin, std::move(keys), std::move(accepted), accept);
    KMP_CHECK(hold_files(config, *past));
    std::vector<std::string> problems;
    books.outlets = std::make_shared<Outlets>(Outlets::Settings{}, past);
    books.outlets->use(carriers_of(config, past, problems));
    books.outlets->wait_for_looks(kLook);
    for (const OutletState& s : books.outlets->states())
        if (!s.contradiction.empty()) return {Code::tampered, s.contradiction};
    job.service.on_io([&] { job.service.witness_problems = problems; });
    auto found = past->take_accepted();
    if (found.empty()) return {};
    notes.push_back("checkpoints over up to " + base::counted(largest(found), "record") + " that were kept elsewhere count no more; the log says so");
    Event event(EventType::recovery);
    job.describe(event);
    KMP_CHECK(books.writer->write(acceptance(std::move(found), std::move(event))));
    return {};
}

void Service::collect_cosignatures() {
    for (const Cosignatures& c : books_->outlets->take_cosigned()) {
        if (c.size != last_checkpoint_.size) continue;
        auto note = audit::with_cosignatures(last_checkpoint_.note, c.lines, c.witness);
        if (!note) continue;  // it was held against the note that was sent, which had no other signatures
        last_checkpoint_.note = std::move(*note);
        if (auto written = base::write_file_atomically(config_.checkpoint_file(), base::as_bytes(last_checkpoint_.note), 0644); !written) spdlog::error("{}", written.error().message);
        books_->outlets->offer_again({last_checkpoint_.note, last_checkpoint_.size});
    }
}

void Service::watch_outlets() {
    collect_cosignatures();
    // Of a place that answered late.
    if (auto accepted = books_->outlets->past()->take_accepted(); !accepted.empty()) {
        Entry entry = acceptance(std::move(accepted), Event(EventType::recovery));
        entry.done = [this](base::Result<audit::Receipt> r) {
            if (!r) audit_failed(r.error());
        };
        books_->writer->submit(std::move(entry));
    }
    const std::vector<OutletState> states = books_->outlets->states();
    for (Event& event : outlet_watch_->look(states)) note(std::move(event));
    for (const OutletState& s : states) {
        if (s.contradiction.empty()) continue;
        spdlog::critical("{}", s.contradiction);
        if (auto kept = base::write_file_atomically(config_.contradiction_file(), base::as_bytes(books_->outlets->past()->evidence()), 0644); !kept) spdlog::error("{}", kept.error().message);
        seal(s.contradiction, {});
        return;
    }
}

base::Result<wire::pb::AuditCheckpointReply> sign_checkpoint(Job& job, Cosigned cosigned) {
    std::promise<base::Result<std::string>> promise;
    auto future = promise.get_future();
    job.service.post([&] { job.service.checkpoint([&](base::Result<std::string> note) { promise.set_value(std::move(note)); }); });
    wire::pb::AuditCheckpointReply out;
    KMP_TRY(*out.mutable_note(), future.get());
    KMP_TRY(const std::shared_ptr<Books> books, open_books(job));
    KMP_TRY(const audit::Checkpoint point, audit::read_checkpoint(out.note()));
    KMP_TRY(*out.mutable_key(), audit::verifier_key(books->house.origin, books->house.checkpoint.spki()));
    // A UKEY that signs checkpoints with ECDSA is no witness.
    if (auto key = audit::verifier_key_as(audit::SignatureType::cosignature, books->house.origin, books->house.checkpoint.spki())) out.set_witness_key(*key);
    const auto end = std::chrono::steady_clock::now() + kWitnessPatience;
    while (cosigned == Cosigned::wait) {
        // Whoever has a problem just now is not waited for.
        const bool more = job.service.on_io([&] {
            out.clear_missing();
            bool waits = false;
            if (job.service.books() != books) return false;
            job.service.collect_cosignatures();
            for (const OutletState& s : books->outlets->states()) {
                if (s.name == "drop" || s.size >= point.size) continue;
                waits = waits || s.problem.empty();
                out.add_missing(s.name + ": " + (s.problem.empty() ? "it has not answered yet" : s.problem));
            }
            if (const Service::LastCheckpoint& last = job.service.last_checkpoint(); last.size >= point.size) out.set_note(last.note);
            return waits;
        });
        if (!more || std::chrono::steady_clock::now() > end) break;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    }
    return out;
}

}  // namespace kmp::service
