#include "audit/verifier.h"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>

#include "audit/certificate_rules.h"
#include "audit/cosignature.h"
#include "audit/event.h"
#include "audit/export_parser.h"
#include "audit/places.h"
#include "audit/replay.h"
#include "audit/text.h"

namespace audit {
namespace {

using base::Code;

class Verification {
public:
    explicit Verification(const VerifyOptions& options)
        : options_(options),
          replay_([this](std::uint64_t index, std::string_view rule, const std::string& message) { find(rules_, index, rule, message); }),
          places_([this](std::optional<std::uint64_t> index, std::string_view rule, const std::string& message) { find(index, rule, message); }) {}

    base::Result<Verdict> run(std::span<const Part> parts);

private:
    struct File {
        const Part* part;
        std::unique_ptr<ExportParser> parser;
        ExportParser::Head head;
    };
    struct CheckpointKey {
        std::uint64_t after;  ///< it signs checkpoints over more records than this
        base::Bytes spki;
    };

    void find(std::vector<Finding>& list, std::optional<std::uint64_t> index, std::string_view rule, const std::string& message);
    /// About the file that is being read.
    void find(std::optional<std::uint64_t> index, std::string_view rule, const std::string& message) { find(places_found_, index, rule, name_ + message); }
    base::Status open(std::span<const Part> parts);
    base::Status stream(File& file);
    base::Status records(File& file);
    void one(base::ByteView bytes);
    void begin(const ExportParser::Head& head);
    void go_on(const ExportParser::Head& head);
    void pin(base::ByteView genesis);
    void note_known();
    /// Null before there is a genesis.
    const base::Bytes* key_for(std::uint64_t size) const;
    void judge_signed(const Record& record);
    void judge_handover(const Record& record);
    void judge_root(const Checkpoint& over);
    void judge_known();
    void judge_witnesses();
    base::Result<Checkpoint> judge_signature(std::string_view note, std::uint64_t size);
    void conclude();

    const VerifyOptions& options_;
    Replay replay_;
    Places places_;
    Verdict verdict_;
    std::vector<Finding> places_found_;  ///< where the bytes are not what they were
    std::vector<Finding> rules_;         ///< what is left of the findings: that a rule was broken may follow from that
    std::vector<File> files_;
    std::string name_;
    std::string note_;
    base::Bytes pinned_anchor_;
    std::vector<CheckpointKey> keys_;  ///< the genesis's, and of platform UKEYs that took another's place
    std::string pinned_origin_;
    std::optional<Checkpoint> known_;
    std::optional<Digest> root_at_known_;
    std::uint64_t held_until_ = 0;  ///< the size of the newest checkpoint inside the log that holds
    bool held_ = true;              ///< so far all did
    std::array<std::uint64_t, kTypeLimit> counts_{};
    bool any_ = false;
    bool begun_ = false;      ///< the rules are replayed, from record 0 on
    bool replaying_ = false;  ///< still: as long as no record is missing
    std::uint64_t replayed_ = 0;  ///< records
};

void Verification::find(std::vector<Finding>& list, std::optional<std::uint64_t> index, std::string_view rule, const std::string& message) {
    ++verdict_.finding_count;
    // What an origin, a name or a text in a file says is whoever wrote it's to choose: it must not look like a line of the verdict.
    if (!index || list.size() < options_.max_findings) list.push_back({index, std::string(rule), clean_line(message)});
}

void Verification::pin(base::ByteView genesis) {
    const auto record = Record::decode(genesis);
    if (!record || record->type() != EventType::genesis) return find(0, "genesis", "the log does not begin with its genesis");
    pinned_anchor_ = base::to_bytes(record->bytes(Field::trust_anchor));
    keys_ = {{0, base::to_bytes(record->bytes(Field::checkpoint_key))}};
    pinned_origin_ = std::string(record->text(Field::origin));
}

void Verification::begin(const ExportParser::Head& head) {
    verdict_.origin = head.head.origin;
    verdict_.first = head.head.first;
    begun_ = replaying_ = head.head.first == 0 && options_.rules;
    places_.start(head.head.first, head.edge);
    if (head.head.first == 0) return;
    Digest hash = leaf_hash(head.genesis);
    for (const Digest& sibling : head.genesis_path) hash = node_hash(hash, sibling);
    const auto height = static_cast<std::size_t>(std::bit_width(head.head.first)) - 1;
    if (head.genesis_path.size() != height || hash != head.edge.hashes().front()) find(0, "genesis", "the genesis record in the export is not that of this log");
    pin(head.genesis);
    if (options_.checkpoint_key && !keys_.empty()) keys_ = {{0, *options_.checkpoint_key}};
}

void Verification::go_on(const ExportParser::Head& head) {
    const std::uint64_t next = places_.next();
    if (head.head.origin != verdict_.origin) return find({}, "files", "it is of the log " + head.head.origin + ", the files before it are of " + verdict_.origin);
    if (head.head.first < next)
        return find(head.head.first, "files", "it begins at record " + std::to_string(head.head.first) + ", and the files before it hold all up to record " + std::to_string(next - 1) + ": they overlap");
    if (head.head.first > next) {
        find(next, "files", "no file holds the records " + std::to_string(next) + " to " + std::to_string(head.head.first - 1) + ", which stand before it: one is missing");
        replaying_ = false;
        return places_.start(head.head.first, head.edge);
    }
    if (!places_.broken() && !std::ranges::equal(head.edge.hashes(), places_.tree().hashes()))
        find(next, "files", "from record " + std::to_string(next) + " on it is another log: it goes on from records that are not those in the files before it");
}

void Verification::note_known() {
    if (known_ && !root_at_known_ && !places_.broken() && places_.tree().size() == known_->size) root_at_known_ = places_.tree().root();
}

void Verification::one(base::ByteView bytes) {
    note_known();
    const std::uint64_t place = places_.next();
    if (place == 0 && !any_) pin(bytes);
    const Digest leaf = leaf_hash(bytes);
    const auto record = Record::decode(bytes);
    if (!record) {
        places_.record({}, leaf);
        return find(places_.next() - 1, "format", record.error().message);
    }
    const bool in_place = places_.record(record->index(), leaf);
    if (any_ && record->time() < verdict_.last_time)
        find(record->index(), "time", base::to_rfc3339(record->time()) + " is before the record in front of it, " + base::to_rfc3339(verdict_.last_time));
    if (!any_) verdict_.first_time = record->time();
    any_ = true;
    verdict_.last_time = record->time();
    ++counts_[static_cast<std::size_t>(record->type())];
    if (!in_place) return;
    if (record->type() == EventType::platform_replaced) judge_handover(*record);
    if (record->type() == EventType::checkpoint_signed) judge_signed(*record);
    replaying_ = replaying_ && !places_.broken();
    if (!replaying_) return;
    if (!verdict_.deeds_from && record->number(Field::rules) >= kDeedsSigned) verdict_.deeds_from = record->index();
    replay_.record(*record);
    ++replayed_;
}

base::Result<Checkpoint> Verification::judge_signature(std::string_view note, std::uint64_t size) {
    const auto from = std::chrono::steady_clock::now();
    auto out = verify_checkpoint(note, *key_for(size));
    verdict_.signatures += std::chrono::steady_clock::now() - from;
    return out;
}

void Verification::judge_signed(const Record& record) {
    if (keys_.empty() || places_.broken() || !held_) return;
    const std::uint64_t size = record.number(Field::size);
    const auto root = places_.root_at(size);
    const std::string signed_here = "the checkpoint over " + std::to_string(size) + " records that was signed here ";
    if (size > record.index()) return find(record.index(), "checkpoint", signed_here + "is over more than there were");
    if (root && !std::ranges::equal(*root, record.bytes(Field::root))) {
        held_ = false;
        return find(record.index(), "checkpoint", signed_here + "has another root: between record " + std::to_string(held_until_) + " and record " + std::to_string(size - 1) + " at least one was changed, put in or removed");
    }
    if (record.has(Field::note)) {
        const auto over = judge_signature(record.text(Field::note), size);
        if (!over) return find(record.index(), "checkpoint", signed_here + "is not genuine: " + over.error().message);
        if (over->origin != pinned_origin_ || over->size != size || !std::ranges::equal(over->root, record.bytes(Field::root))) return find(record.index(), "checkpoint", signed_here + "is not the one in its note");
    }
    if (!root) return;
    held_until_ = std::max(held_until_, size);
    if (record.has(Field::note)) ++verdict_.checkpoints;
}

void Verification::judge_handover(const Record& record) {
    keys_.push_back({record.index(), base::to_bytes(record.bytes(Field::checkpoint_key))});
    const std::uint64_t size = record.number(Field::size);
    const auto root = places_.root_at(size);
    // It is handed over a few records behind `size`; only what stands before the export cannot be looked at.
    if (!places_.broken() && (root ? !std::ranges::equal(*root, record.bytes(Field::root)) : size >= verdict_.first))
        find(record.index(), "platform", "the first " + std::to_string(size) + " records are not those that the master-control UKEY handed over to UKEY " + std::string(record.text(Field::ukey)));
    // Whether that one may is the replay's to say; where there is none, a key that no master-control UKEY named signs nothing all the same.
    if (begun_ || handed_over(files_.front().head.head, pinned_anchor_, pinned_origin_, record)) return;
    find(record.index(), "platform", "no master-control UKEY whose certificate the export carries signed that UKEY " + std::string(record.text(Field::ukey)) + " takes the platform UKEY's place");
}

base::Status Verification::records(File& file) {
    for (;;) {
        KMP_TRY(const base::ByteView record, file.parser->next());
        if (record.empty()) break;
        one(record);
    }
    places_.end_of_records(file.head.head.end);
    note_known();
    verdict_.size = places_.next();
    if (!places_.broken()) verdict_.root = places_.tree().root();
    if (verdict_.size != file.head.head.end) find({}, "order", "the head says that the records end at " + std::to_string(file.head.head.end) + ", and they end at " + std::to_string(verdict_.size));
    KMP_TRY(note_, file.parser->trailer());
    return {};
}

base::Status Verification::stream(File& file) {
    if (&file == &files_.front()) begin(file.head);
    else go_on(file.head);
    note_.clear();  // of the file before: nobody signed or witnessed this one with it
    base::Status read = records(file);
    if (!read) {
        if (read.error().code != Code::malformed) return read;
        // Where it broke off, as far as the records tell.
        find({}, "format", read.error().message + " (after record " + std::to_string(places_.next()) + ")");
        verdict_.size = places_.next();
        if (!places_.broken()) verdict_.root = places_.tree().root();
        places_.judge(false);
        return {};
    }
    const auto over = read_checkpoint(note_);
    const bool fits = over && over->size == verdict_.size && !places_.broken() && over->root == verdict_.root;
    places_.judge(fits);
    if (!over) find({}, "checkpoint", over.error().message);
    else judge_root(*over);
    Pinned pinned{pinned_anchor_, keys_.empty() ? nullptr : &keys_.back().spki, verdict_.last_time};
    judge_certificates(file.head.head, options_.trust_anchor, pinned, verdict_, [&](const std::string& what) { find({}, "certificate", what); });
    return {};
}

void Verification::judge_witnesses() {
    for (const VerifierKey& witness : options_.witnesses) {
        if (const auto cosigned = verify_cosignature(note_, witness)) verdict_.witnessed[witness.name] = static_cast<base::Millis>(cosigned->time) * base::kSecond;
        else find({}, "witness", cosigned.error().message);
    }
}

const base::Bytes* Verification::key_for(std::uint64_t size) const {
    const base::Bytes* out = nullptr;
    for (const CheckpointKey& key : keys_)
        if (out == nullptr || key.after < size) out = &key.spki;
    return out;
}

void Verification::judge_root(const Checkpoint& over) {
    if (over.origin != verdict_.origin || over.origin != pinned_origin_)
        find({}, "checkpoint", "it is of " + over.origin + ", the head says " + verdict_.origin + ", the genesis says " + pinned_origin_);
    if (over.size != verdict_.size)
        find({}, "root", "the checkpoint is over " + std::to_string(over.size) + " records, the export ends at " + std::to_string(verdict_.size));
    else if (places_.broken())
        find({}, "root", "what stands there has no root to hold against the checkpoint, for records are missing or are not those of this log");
    else if (over.root != verdict_.root)
        find({}, "root", "the records do not give the root of the checkpoint: at least one was changed, inserted, removed or moved");
    if (keys_.empty()) return;
    if (const auto signed_note = judge_signature(note_, over.size); !signed_note) find({}, "signature", "the checkpoint at the end: " + signed_note.error().message);
}

void Verification::judge_known() {
    if (!known_) return;
    if (!keys_.empty())
        if (const auto genuine = judge_signature(*options_.known_checkpoint, known_->size); !genuine) return find({}, "checkpoint", "the one given: " + genuine.error().message);
    if (known_->origin != pinned_origin_) return find({}, "checkpoint", "the one given is of another log: " + known_->origin);
    if (known_->size > verdict_.size)
        return find({}, "checkpoint", "the one given is over " + std::to_string(known_->size) + " records, the log has " + std::to_string(verdict_.size) +
                                          ": it was rolled back, or the export is older than the checkpoint");
    if (!root_at_known_)
        find({}, "checkpoint", places_.broken() ? "the one given could not be held against the records: they do not keep together"
                                                : "the one given is over " + std::to_string(known_->size) + " records, before this export begins: it needs an export from there on");
    else if (*root_at_known_ != known_->root)
        find({}, "checkpoint", "the first " + std::to_string(known_->size) + " records are not those that the checkpoint given was signed over: history was rewritten");
    else if (!keys_.empty())
        verdict_.holds_known = known_->size;
}

base::Status Verification::open(std::span<const Part> parts) {
    for (const Part& part : parts) {
        name_ = parts.size() > 1 ? part.name + ": " : "";
        ExportParser::Watch watch;
        watch.on_block = [this](const Block& block) { places_.block(block); };
        watch.on_damage = [this](std::optional<std::uint64_t> index, std::string_view place, const std::string& what) { find(index, place, what); };
        auto parser = std::make_unique<ExportParser>(part.source, std::move(watch));
        auto head = parser->head();
        if (head) files_.push_back({&part, std::move(parser), std::move(*head)});
        else if (head.error().code != Code::malformed) return std::move(head).error();
        else find({}, "format", head.error().message);
    }
    std::ranges::stable_sort(files_, {}, [](const File& f) { return std::pair(f.head.head.first, f.head.head.end); });
    return {};
}

void Verification::conclude() {
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] != 0) verdict_.counts[static_cast<EventType>(i)] = counts_[i];
    verdict_.findings = std::move(places_found_);
    std::ranges::move(rules_, std::back_inserter(verdict_.findings));
    keep_most(verdict_.findings, options_.max_findings);
    verdict_.origin = clean_line(verdict_.origin);
    verdict_.signed_by = clean_line(verdict_.signed_by);
    verdict_.sound = verdict_.finding_count == 0;
}

base::Result<Verdict> Verification::run(std::span<const Part> parts) {
    if (parts.empty()) return base::Error{Code::invalid_argument, "there is no export to verify"};
    if (options_.known_checkpoint) {
        auto known = read_checkpoint(*options_.known_checkpoint);
        if (!known) return base::Error{Code::invalid_argument, "the checkpoint given: " + known.error().message};
        known_ = std::move(*known);
    }
    KMP_CHECK(open(parts));
    verdict_.has_head = !files_.empty();
    for (File& file : files_) {
        name_ = parts.size() > 1 ? file.part->name + ": " : "";
        KMP_CHECK(stream(file));
        file.parser.reset();
    }
    name_.clear();
    if (verdict_.has_head) {
        judge_known();
        judge_witnesses();
        if (begun_) KMP_CHECK(replay_.finish());
        verdict_.rules_replayed = begun_ && replayed_ == files_.back().head.head.end;
    }
    conclude();
    return std::move(verdict_);
}

}  // namespace

void keep_most(std::vector<Finding>& findings, std::size_t most) {
    const auto whole = static_cast<std::size_t>(std::ranges::count_if(findings, [](const Finding& f) { return !f.index; }));
    std::size_t room = most - std::min(most, whole);
    std::erase_if(findings, [&room](const Finding& f) {
        if (!f.index) return false;
        return room == 0 || (--room, false);
    });
    if (findings.size() > most) findings.resize(most);
}

base::Result<Verdict> verify_export(const ByteSource& source, const VerifyOptions& options) {
    const Part part{"", source};
    return Verification(options).run(std::span(&part, 1));
}

base::Result<Verdict> verify_exports(std::span<const Part> parts, const VerifyOptions& options) { return Verification(options).run(parts); }

}  // namespace audit
