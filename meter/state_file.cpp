#include "meter/state_file.h"

#include <fcntl.h>
#include <sys/file.h>

#include <cerrno>

namespace meter {
namespace {

const base::Error kOtherKind{base::Code::tampered, "it is the state of another kind of meter"};

base::Result<std::vector<base::ByteView>> parts_of(base::ByteView record, RecordKind kind, std::size_t count) {
    KMP_TRY(OpenedRecord opened, open_record(record));
    if (opened.kind != kind || opened.parts.size() != count) return kOtherKind;
    return std::move(opened.parts);
}

/// Reads a file and shows it to `decode`; the bytes, which may hold keys, are wiped behind it.
template <class F>
auto load(const std::string& path, F&& decode) -> std::invoke_result_t<F, base::ByteView> {
    KMP_TRY(base::Bytes record, base::read_file(path, kMaxStateRecord));
    auto out = decode(base::ByteView(record));
    base::wipe(record);
    if (out) return out;
    base::Error error = std::move(out).error();
    error.message = "the meter state in " + path + " cannot be used: " + error.message + ": restore a copy, or start a new meter in another file";
    return error;
}

}  // namespace

base::Secret encode_low_grade(const SecurityState& security, const MeteringState& metering) {
    const base::Bytes readings = encode(metering);
    return encode(security).reveal([&](base::ByteView keys) { return seal(RecordKind::low_grade, {keys, readings}); });
}

base::Secret encode_high_grade(const dlt645::Address& number, const MeteringState& metering) {
    const base::Bytes readings = encode(metering);
    return seal(RecordKind::high_grade, {number.bytes(), readings});
}

base::Secret encode_element(const SecurityState& security) {
    return encode(security).reveal([&](base::ByteView keys) { return seal(RecordKind::element, {keys}); });
}

base::Result<MeterState> decode_low_grade(base::ByteView record) {
    KMP_TRY(const auto parts, parts_of(record, RecordKind::low_grade, 2));
    KMP_TRY(SecurityState security, decode_security(parts[0]));
    KMP_TRY(MeteringState metering, decode_metering(parts[1]));
    return MeterState{std::move(security), std::move(metering)};
}

base::Result<std::pair<dlt645::Address, MeteringState>> decode_high_grade(base::ByteView record) {
    KMP_TRY(const auto parts, parts_of(record, RecordKind::high_grade, 2));
    KMP_TRY(const dlt645::Address number, dlt645::Address::from_bytes(parts[0]));
    KMP_CHECK(check_number(number));
    KMP_TRY(MeteringState metering, decode_metering(parts[1]));
    return std::pair(number, std::move(metering));
}

base::Result<SecurityState> decode_element(base::ByteView record) {
    KMP_TRY(const auto parts, parts_of(record, RecordKind::element, 1));
    return decode_security(parts[0]);
}

base::Result<StateFile> StateFile::claim(const std::string& path) {
    // The state itself is renamed over, so the lock lies beside it. It goes with the process, however that ends.
    const std::string beside = path + ".lock";
    base::Fd lock(open(beside.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (!lock) return base::errno_error("cannot create " + beside, errno);
    if (flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
        if (errno == EWOULDBLOCK) return {base::Code::busy, "the meter in " + path + " is running already: stop that kmp-meter first"};
        return base::errno_error("cannot lock " + beside, errno);
    }
    return StateFile(path, std::move(lock));
}

base::Status StateFile::save(const base::Secret& record) {
    return record.reveal([&](base::ByteView bytes) { return base::write_file_atomically(path_, bytes, 0600); });
}

base::Result<RecordKind> kind_of(const std::string& path) {
    return load(path, [](base::ByteView record) -> base::Result<RecordKind> {
        KMP_TRY(const OpenedRecord opened, open_record(record));
        return opened.kind;
    });
}

base::Result<MeterState> load_low_grade(const std::string& path) { return load(path, decode_low_grade); }
base::Result<std::pair<dlt645::Address, MeteringState>> load_high_grade(const std::string& path) { return load(path, decode_high_grade); }
base::Result<SecurityState> load_element(const std::string& path) { return load(path, decode_element); }

}  // namespace meter
