#include "audit/verifier.h"

#include <array>
#include <bit>

#include "audit/cosignature.h"
#include "audit/event.h"
#include "audit/export_parser.h"
#include "audit/merkle.h"
#include "audit/replay.h"
#include "model/oids.h"
#include "pki/certificate.h"

namespace audit {
namespace {

using base::Code;

class Verification {
public:
    explicit Verification(const VerifyOptions& options)
        : options_(options), replay_([this](std::uint64_t index, std::string_view rule, std::string message) { find(index, rule, std::move(message)); }) {}

    base::Result<Verdict> run(const ByteSource& source);

private:
    void find(std::optional<std::uint64_t> index, std::string_view rule, std::string message);
    base::Status stream(ExportParser& parser);
    void one(std::uint64_t expected, base::ByteView bytes);
    void start_range(const ExportParser::Head& head);
    void pin(base::ByteView genesis);
    void judge_root(const Checkpoint& over);
    void judge_certificates(const ExportHead& head);
    void judge_known();
    void judge_witnesses();

    const VerifyOptions& options_;
    Replay replay_;
    Verdict verdict_;
    Frontier tree_;
    std::string note_;
    base::Bytes pinned_anchor_;
    struct CheckpointKey {
        std::uint64_t after;  ///< it signs checkpoints over more records than this
        base::Bytes spki;
    };
    std::vector<CheckpointKey> keys_;  ///< the genesis's, and of platform UKEYs that took another's place
    const base::Bytes* key_for(std::uint64_t size) const;
    std::string pinned_origin_;
    std::optional<Checkpoint> known_;
    std::optional<Digest> root_at_known_;
    std::array<std::uint64_t, kTypeLimit> counts_{};
    bool any_ = false;
};

void Verification::find(std::optional<std::uint64_t> index, std::string_view rule, std::string message) {
    ++verdict_.finding_count;
    if (verdict_.findings.size() < options_.max_findings) verdict_.findings.push_back({index, std::string(rule), std::move(message)});
}

void Verification::pin(base::ByteView genesis) {
    const auto record = Record::decode(genesis);
    if (!record || record->type() != EventType::genesis) return find(0, "genesis", "the log does not begin with its genesis");
    pinned_anchor_ = base::to_bytes(record->bytes(Field::trust_anchor));
    keys_ = {{0, base::to_bytes(record->bytes(Field::checkpoint_key))}};
    pinned_origin_ = std::string(record->text(Field::origin));
}

void Verification::start_range(const ExportParser::Head& head) {
    tree_ = head.edge;
    Digest hash = leaf_hash(head.genesis);
    for (const Digest& sibling : head.genesis_path) hash = node_hash(hash, sibling);
    const auto height = static_cast<std::size_t>(std::bit_width(head.head.first)) - 1;
    if (head.genesis_path.size() != height || hash != head.edge.hashes().front()) find(0, "genesis", "the genesis record in the export is not that of this log");
    pin(head.genesis);
}

void Verification::one(std::uint64_t expected, base::ByteView bytes) {
    if (known_ && !root_at_known_ && tree_.size() == known_->size) root_at_known_ = tree_.root();
    tree_.append(leaf_hash(bytes));
    if (expected == 0) pin(bytes);
    const auto record = Record::decode(bytes);
    if (!record) return find(expected, "format", record.error().message);
    if (record->index() != expected)
        find(expected, "order", "in its place stands record " + std::to_string(record->index()) + ": records were removed, repeated, moved or inserted");
    if (any_ && record->time() < verdict_.last_time)
        find(expected, "time", base::to_rfc3339(record->time()) + " is before the record in front of it, " + base::to_rfc3339(verdict_.last_time));
    if (!any_) verdict_.first_time = record->time();
    any_ = true;
    verdict_.last_time = record->time();
    ++counts_[static_cast<std::size_t>(record->type())];
    // Whether that one may is the replay's to say.
    if (record->type() == EventType::platform_replaced) keys_.push_back({expected, base::to_bytes(record->bytes(Field::checkpoint_key))});
    if (verdict_.rules_replayed && record->index() == expected) replay_.record(*record);
}

base::Status Verification::stream(ExportParser& parser) {
    KMP_TRY(const ExportParser::Head head, parser.head());
    verdict_.has_head = true;
    verdict_.origin = head.head.origin;
    verdict_.first = head.head.first;
    verdict_.rules_replayed = head.head.first == 0;
    if (head.head.first > 0) start_range(head);
    std::uint64_t index = head.head.first;
    for (;; ++index) {
        KMP_TRY(const base::ByteView record, parser.next());
        if (record.empty()) break;
        one(index, record);
    }
    verdict_.size = index;
    verdict_.root = tree_.root();
    if (known_ && !root_at_known_ && tree_.size() == known_->size) root_at_known_ = tree_.root();
    if (index != head.head.end) find({}, "order", "the export says it ends at " + std::to_string(head.head.end) + " and ends at " + std::to_string(index));
    KMP_TRY(note_, parser.trailer());
    if (verdict_.rules_replayed) KMP_CHECK(replay_.finish());

    const auto over = read_checkpoint(note_);
    if (!over)
        find({}, "checkpoint", over.error().message);
    else
        judge_root(*over);
    judge_certificates(head.head);
    judge_known();
    judge_witnesses();
    return {};
}

void Verification::judge_witnesses() {
    for (const VerifierKey& witness : options_.witnesses) {
        if (const auto cosigned = verify_cosignature(note_, witness)) verdict_.witnessed[witness.name] = static_cast<base::Millis>(cosigned->time) * base::kSecond;
        else find({}, "witness", cosigned.error().message);
    }
}

/// Null before there is a genesis.
const base::Bytes* Verification::key_for(std::uint64_t size) const {
    const base::Bytes* out = nullptr;
    for (const CheckpointKey& key : keys_)
        if (out == nullptr || key.after < size) out = &key.spki;
    return out;
}

void Verification::judge_root(const Checkpoint& over) {
    if (over.origin != verdict_.origin || over.origin != pinned_origin_)
        find({}, "checkpoint", "it is of " + over.origin + ", the export says " + verdict_.origin + ", the genesis says " + pinned_origin_);
    if (over.size != verdict_.size)
        find({}, "root", "the checkpoint is over " + std::to_string(over.size) + " records, the export has " + std::to_string(verdict_.size));
    else if (over.root != verdict_.root)
        find({}, "root", "the records do not give the root of the checkpoint: at least one was changed, inserted, removed or moved");
    if (keys_.empty()) return;
    if (const auto signed_note = verify_checkpoint(note_, *key_for(over.size)); !signed_note) find({}, "signature", signed_note.error().message);
}

void Verification::judge_certificates(const ExportHead& head) {
    const base::Bytes& carried = head.certificates.front();
    const base::Bytes& trusted = options_.trust_anchor ? *options_.trust_anchor : carried;
    verdict_.anchor_from_export = !options_.trust_anchor;
    verdict_.anchor_fingerprint = base::to_hex(base::sha256(trusted));
    if (carried != trusted)
        find({}, "certificate", "the export carries another trust anchor than the one given: SHA-256 " + base::to_hex(base::sha256(carried)));
    if (carried != pinned_anchor_) find({}, "certificate", "the trust anchor in the export is not the one that the genesis pins");
    if (head.certificates.size() < 2) return find({}, "certificate", "the export does not carry the trust anchor and the checkpoint certificate");
    const auto anchor = pki::Certificate::from_der(trusted);
    if (!anchor) return find({}, "certificate", "the trust anchor: " + anchor.error().message);
    const auto checkpoint = pki::Certificate::from_der(head.certificates.back());
    if (!checkpoint) return find({}, "certificate", "the checkpoint certificate: " + checkpoint.error().message);
    verdict_.signed_by = checkpoint->subject().utility + ", platform UKEY " + checkpoint->subject().ukey.text();
    // Between the two stand the issuing certificates of further master-control UKEYs, which the anchor certified.
    std::optional<pki::Certificate> issuer;
    for (std::size_t i = 1; i + 1 < head.certificates.size(); ++i) {
        auto other = pki::Certificate::from_der(head.certificates[i]);
        if (!other) find({}, "certificate", "an issuing certificate: " + other.error().message);
        else if (const auto held = pki::verify_issuer(*other, *anchor, verdict_.last_time); !held) find({}, "certificate", held.error().message);
        else if (other->subject_key_id() == checkpoint->authority_key_id()) issuer = std::move(*other);
    }
    // Valid when the newest record was written: an old log stays verifiable after its certificates ran out.
    if (const auto chain = pki::verify(*checkpoint, issuer ? *issuer : *anchor, verdict_.last_time); !chain) find({}, "certificate", chain.error().message);
    if (const auto self = pki::verify(*anchor, *anchor, verdict_.last_time); !self) find({}, "certificate", "the trust anchor: " + self.error().message);
    if (const auto purpose = pki::check_purpose(*checkpoint, model::UkeyKind::platform, pki::Profile::checkpoint); !purpose) find({}, "certificate", purpose.error().message);
    if (keys_.empty() || checkpoint->spki() != keys_.back().spki) find({}, "certificate", "the checkpoint certificate is for another key than the one that the log pins");
}

void Verification::judge_known() {
    if (!known_) return;
    if (!keys_.empty())
        if (const auto genuine = verify_checkpoint(*options_.known_checkpoint, *key_for(known_->size)); !genuine) return find({}, "checkpoint", "the one given: " + genuine.error().message);
    if (known_->origin != pinned_origin_) return find({}, "checkpoint", "the one given is of another log: " + known_->origin);
    if (known_->size > verdict_.size)
        return find({}, "checkpoint", "the one given is over " + std::to_string(known_->size) + " records, the log has " + std::to_string(verdict_.size) +
                                          ": it was rolled back, or the export is older than the checkpoint");
    if (!root_at_known_)
        find({}, "checkpoint", "the one given is over " + std::to_string(known_->size) + " records, before this export begins: it needs an export from there on");
    else if (*root_at_known_ != known_->root)
        find({}, "checkpoint", "the first " + std::to_string(known_->size) + " records are not those that the checkpoint given was signed over: history was rewritten");
}

base::Result<Verdict> Verification::run(const ByteSource& source) {
    if (options_.known_checkpoint) {
        auto known = read_checkpoint(*options_.known_checkpoint);
        if (!known) return base::Error{Code::invalid_argument, "the checkpoint given: " + known.error().message};
        known_ = std::move(*known);
    }
    ExportParser parser(source);
    if (base::Status done = stream(parser); !done) {
        if (done.error().code != Code::malformed) return std::move(done).error();
        // Where it broke off, as far as the records tell.
        find({}, "format", done.error().message + (verdict_.has_head ? " (after record " + std::to_string(tree_.size()) + ")" : ""));
        verdict_.size = tree_.size();
        verdict_.root = tree_.root();
    }
    for (std::size_t i = 0; i < counts_.size(); ++i)
        if (counts_[i] != 0) verdict_.counts[static_cast<EventType>(i)] = counts_[i];
    verdict_.sound = verdict_.finding_count == 0;
    return std::move(verdict_);
}

}  // namespace

base::Result<Verdict> verify_export(const ByteSource& source, const VerifyOptions& options) { return Verification(options).run(source); }

}  // namespace audit
