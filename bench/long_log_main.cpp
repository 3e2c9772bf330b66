// kmp-long-log: writes an export of a log of many orders, so that verification can be measured at any length without a platform behind it.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>

#include "audit/block.h"
#include "base/fd.h"
#include "cli/command_line.h"
#include "tests/audit/sample_log.h"

namespace {

using audit::Event, audit::EventType, audit::Field;

constexpr std::uint64_t kFirstMeter = 100'000'000'001;
constexpr std::uint64_t kOrdersEachCheckpoint = 10'000;

/// Writes records, blocks and what is around them, as it goes.
class Writer {
public:
    Writer(int fd, SampleLog& log, std::uint64_t end) : fd_(fd), log_(log) {
        out_.bytes(audit::kExportMagic);
        out_.sized16(SampleLog::kOrigin);
        out_.u64(0);
        out_.u64(end);
        out_.u8(2);
        out_.sized16(log.pki.anchor.der());
        out_.sized16(log.pki.checkpoint_certificate.der());
        out_.bytes(audit::check_of(out_.view()));
    }
    base::Status add(const Event& event, base::Millis time) {
        KMP_CHECK(event.encode_into(record_, tree_.size(), time));
        const audit::Digest leaf = audit::leaf_hash(record_);
        if (leaves_.empty()) before_ = tree_.root();
        tree_.append(leaf);
        leaves_.push_back(audit::stub_of(leaf));
        out_.sized16(record_);
        if (tree_.size() % audit::kBlockRecords == 0) KMP_CHECK(block());
        return {};
    }
    base::Status finish() {
        if (!leaves_.empty()) KMP_CHECK(block());
        KMP_TRY(const std::string note, signed_note());
        out_.u16(0);
        out_.sized16(note);
        out_.bytes(audit::check_of(base::as_bytes(note)));
        return flush();
    }
    base::Result<std::string> signed_note() { return audit::sign_checkpoint({SampleLog::kOrigin, tree_.size(), tree_.root()}, log_.pki.checkpoint); }
    const audit::Frontier& tree() const { return tree_; }

private:
    base::Status block() {
        base::Bytes bytes;
        audit::write_block(bytes, tree_.size() - leaves_.size(), audit::stub_of(before_), leaves_);
        leaves_.clear();
        out_.bytes(bytes);
        return flush();
    }
    base::Status flush() {
        for (base::ByteView left = out_.view(); !left.empty();) {
            const ssize_t n = ::write(fd_, left.data(), left.size());
            if (n < 0) return base::errno_error("cannot write the export", errno);
            left = left.subspan(static_cast<std::size_t>(n));
        }
        out_ = {};
        return {};
    }
    int fd_;
    SampleLog& log_;
    base::ByteWriter out_;
    base::Bytes record_;
    audit::Frontier tree_;
    audit::Digest before_{};
    std::vector<audit::Stub> leaves_;
};

/// Order `n` of the log: recharges of `meters` meters in turn, ten a second.
Event order(std::uint64_t n, std::uint64_t meters, base::Millis at) {
    base::ByteWriter id;  // UUIDv7: 48 bits of time, version, variant
    id.u16(static_cast<std::uint16_t>(at >> 32));
    id.u32(static_cast<std::uint32_t>(at));
    id.u16(0x7000);
    id.u64(0x8000'0000'0000'0000 | n * 0x9E37'79B9'7F4A'7C15 >> 2);
    Event e(EventType::order);
    e.text(Field::actor, "station s-1").number(Field::session, 7).time(Field::happened_at, at).text(Field::ukey, "U1").number(Field::key_version, 1).text(Field::station, "s-1");
    e.number(Field::meter, kFirstMeter + n % meters).number(Field::customer, 1 + n % meters).bytes(Field::order_id, id.view()).value(Field::operation, model::Operation::recharge);
    e.number(Field::amount, 1000).number(Field::count, 1 + n / meters).bytes(Field::r2, base::ByteView(id.view()).last(4)).bytes(Field::content_hash, base::sha256(id.view()));
    e.number(Field::grant_number, 1);
    return e;
}

base::Status write(int fd, std::uint64_t orders, std::uint64_t meters) {
    SampleLog log;
    log.begin();
    log.records.resize(3);  // but for the grant, which is narrow there
    model::Grant grant = SampleLog::grant();
    grant.meters.front().last = *model::MeterNumber::from_number(kFirstMeter + meters);
    grant.per_day = grant.per_month = model::Fen(1'000'000'000'000'000);
    Writer writer(fd, log, 4 + orders + orders / kOrdersEachCheckpoint);
    for (const base::Bytes& bytes : log.records) {
        KMP_TRY(const audit::Record record, audit::Record::decode(bytes));
        KMP_CHECK(writer.add(event_of(record), kDayOne));
    }
    KMP_CHECK(writer.add(log.grant_set(grant), kDayOne));
    for (std::uint64_t n = 0; n < orders; ++n) {
        const base::Millis at = kDayOne + static_cast<base::Millis>(n / 10);
        KMP_CHECK(writer.add(order(n, meters, at), at));
        if ((n + 1) % kOrdersEachCheckpoint != 0) continue;
        KMP_TRY(const std::string note, writer.signed_note());
        Event checkpoint(EventType::checkpoint_signed);
        checkpoint.number(Field::size, writer.tree().size()).bytes(Field::root, writer.tree().root()).text(Field::note, note);
        KMP_CHECK(writer.add(checkpoint, at));
    }
    return writer.finish();
}

int start(int argc, char** argv) {
    CLI::App app("Writes an export of a log of many orders, for measuring", "kmp-long-log");
    std::string file;
    std::uint64_t orders = 0;
    std::uint64_t meters = 10'000;
    app.add_option("FILE", file, "the export")->required();
    app.add_option("--orders", orders, "how many")->required();
    app.add_option("--meters", meters, "they go to so many meters in turn")->check(CLI::Range(1, 900'000'000));
    if (const auto ended = cli::parse(app, argc, argv)) return *ended;
    const base::Fd fd(::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (!fd) return cli::complain("kmp-long-log", base::errno_error("cannot write " + file, errno), cli::kFailed);
    if (const base::Status done = write(fd.get(), orders, meters); !done) return cli::complain("kmp-long-log", done.error(), cli::kFailed);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    return cli::run("kmp-long-log", [&] { return start(argc, argv); });
}
