#include "vending/dialogue.h"

#include <chrono>

#include "meter/dlt645/payload.h"
#include "wire/pb.h"

namespace vending {
namespace {

namespace pb = wire::pb;
namespace di = dlt645::di;
using base::Code;
using dlt645::Control;
using dlt645::Function;
using dlt645::PayloadReader;
using dlt645::PayloadWriter;
using Repeat = Line::Repeat;

constexpr std::array<std::uint8_t, 4> kOperator{};                    // C0..C3
constexpr std::array<std::uint8_t, 4> kSecuredAccess{0x98, 0, 0, 0};  // PA P0 P1 P2
constexpr std::array<std::uint8_t, 4> kPlainAccess{0x99, 0, 0, 0};
constexpr std::size_t kMacSize = 4;

base::ByteView view(const std::string& field) { return base::as_bytes(field); }

std::uint8_t bcd(unsigned two_digits) { return static_cast<std::uint8_t>(two_digits / 10 % 10 << 4 | two_digits % 10); }

unsigned two_digits(std::uint8_t bcd) { return static_cast<unsigned>(bcd >> 4) * 10 + (bcd & 0x0F); }

}  // namespace

Dialogue::Dialogue(Line& line, model::MeterNumber meter) : line_(line), meter_(meter), address_(*dlt645::Address::from_bytes(meter.bcd())) {}

base::Result<model::MeterNumber> Dialogue::read_address(Line& line) {
    const dlt645::Frame request{dlt645::Address::wildcard(), Control::request(Function::read_address), {}};
    KMP_TRY(const dlt645::Frame answer, line.ask(request, Repeat::yes));
    PayloadReader in(answer.data);
    KMP_TRY(const auto number, in.field<6>());
    KMP_CHECK(in.end());
    auto meter = model::MeterNumber::from_bcd(number);
    if (!meter) return {Code::malformed, "a meter gave the address " + base::to_hex(number) + ", which is no number"};
    if (answer.address.bytes() != number) return {Code::malformed, "meter " + answer.address.text() + " calls itself " + meter->text()};
    return meter;
}

base::Status Dialogue::confirm_address() {
    auto number = read(di::kCommunicationAddress, 6);
    // A meter that does not serve this register has answered at this address all the same.
    if (!number && number.error().code == Code::refused) return {};
    if (!number) return std::move(number).error();
    const auto told = model::MeterNumber::from_bcd(*number);
    if (!told || *told != meter_) return {Code::refused, "what answers at " + meter_.text() + " says it is meter " + base::to_hex(*number)};
    return {};
}

base::Result<dlt645::Frame> Dialogue::security(dlt645::DataIdentifier command, base::ByteView fields, Repeat repeat) {
    base::Bytes data = PayloadWriter().identifier(command).in_order(kOperator).in_order(fields).take();
    return line_.ask({address_, Control::request(Function::security), std::move(data)}, repeat);
}

base::Result<base::Bytes> Dialogue::read(dlt645::DataIdentifier what, std::size_t size) {
    KMP_TRY(const dlt645::Frame answer, line_.ask({address_, Control::request(Function::read), PayloadWriter().identifier(what).take()}, Repeat::yes));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    KMP_TRY(base::Bytes value, in.field(size));
    KMP_CHECK(in.end());
    return value;
}

base::Result<base::Bytes> Dialogue::read(dlt645::DataIdentifier what) {
    KMP_TRY(const dlt645::Frame answer, line_.ask({address_, Control::request(Function::read), PayloadWriter().identifier(what).take()}, Repeat::yes));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    if (in.left() == 0) return {Code::malformed, "meter " + meter_.text() + " gave nothing for " + what.text()};
    return in.field(in.left());
}

base::Result<Dialogue::Authenticated> Dialogue::authenticate(const pb::AuthenticateReply& proof) {
    const base::Bytes fields = PayloadWriter().field(view(proof.k1())).field(view(proof.r1())).field(view(proof.factor())).take();
    KMP_TRY(const dlt645::Frame answer, security(di::kIdentityAuthentication, fields, Repeat::yes));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    Authenticated out;
    KMP_TRY(out.r2, in.field<4>());
    KMP_TRY(out.element, in.field<8>());
    KMP_CHECK(in.end());
    return out;
}

base::Status Dialogue::purchase(const Order& order) {
    const base::Bytes fields =
        PayloadWriter().u32(order.amount).u32(order.count).field(order.mac1).field(order.customer.bcd()).field(order.mac2).take();
    KMP_CHECK(security(order.command, fields, Repeat::no));
    return {};
}

base::Result<Dialogue::Status> Dialogue::query_status() {
    KMP_TRY(const dlt645::Frame answer, security(di::kStatusQuery, {}, Repeat::yes));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    Status out;
    KMP_TRY(out.balance, in.field<4>());
    KMP_TRY(out.balance_mac, in.field<4>());
    KMP_TRY(out.count, in.field<4>());
    KMP_TRY(out.count_mac, in.field<4>());
    KMP_TRY(out.customer, in.field<6>());
    KMP_TRY(out.key_info, in.field<4>());
    KMP_CHECK(in.end());
    return out;
}

base::Status Dialogue::update_key(const pb::KeyRecord& record) {
    const base::Bytes fields = PayloadWriter().field(view(record.mac())).field(view(record.key_info())).field(view(record.encrypted_key())).take();
    KMP_CHECK(security(dlt645::DataIdentifier(record.di()), fields, Repeat::yes));
    return {};
}

base::Status Dialogue::initialise_wallet(std::uint32_t amount, base::ByteView mac1, base::ByteView mac2) {
    KMP_CHECK(security(di::kWalletInitialisation, PayloadWriter().u32(amount).field(mac1).u32(0).field(mac2).take(), Repeat::no));
    return {};
}

base::Status Dialogue::update_keys(const pb::KeyFrame& frame) {
    constexpr std::size_t kRecord = 36;
    PayloadWriter fields;
    for (base::ByteView left = view(frame.records()); left.size() >= kRecord; left = left.subspan(kRecord)) fields.field(left.first(kRecord));
    KMP_CHECK(security(di::kKeyUpdate2013, fields.field(view(frame.mac())).take(), Repeat::yes));
    return {};
}

base::Status Dialogue::set_validity(unsigned minutes, base::ByteView mac) {
    const std::array<std::uint8_t, 2> field{bcd(minutes / 100), bcd(minutes % 100)};
    KMP_CHECK(security(di::kAuthenticationValidity, PayloadWriter().field(field).field(mac).take(), Repeat::yes));
    return {};
}

base::Result<Dialogue::Ended> Dialogue::end() {
    KMP_TRY(const dlt645::Frame answer, security(di::kEndAuthentication, {}, Repeat::no));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    Ended out;
    KMP_TRY(out.customer, in.field<6>());
    KMP_TRY(out.balance, in.field<4>());
    KMP_TRY(out.count, in.field<4>());
    KMP_TRY(out.key_info, in.field<4>());
    KMP_CHECK(in.end());
    return out;
}

base::Result<Dialogue::Told> Dialogue::read_back(const Piece& piece) {
    base::ByteWriter name;
    for (const std::uint16_t part : {piece.directory, piece.file, piece.start, piece.length}) name.u16(part);
    KMP_TRY(const dlt645::Frame answer, security(di::kReadBack, PayloadWriter().field(name.view()).take(), Repeat::yes));
    PayloadReader in(answer.data);
    KMP_CHECK(in.identifier());
    if (in.left() != piece.length + kMacSize)
        return {Code::malformed, "meter " + meter_.text() + " read back " + std::to_string(in.left()) + " bytes where " + std::to_string(piece.length + kMacSize) + " are due"};
    Told out;
    KMP_TRY(out.data, in.field(piece.length));
    KMP_TRY(out.mac, in.field<kMacSize>());
    return out;
}

base::Status Dialogue::write(dlt645::DataIdentifier what, bool encrypted, base::ByteView field, base::ByteView mac) {
    base::Bytes data = PayloadWriter().identifier(what).in_order(encrypted ? kSecuredAccess : kPlainAccess).in_order(kOperator).field(field).field(mac).take();
    KMP_CHECK(line_.ask({address_, Control::request(Function::write), std::move(data)}, Repeat::yes));
    return {};
}

base::Status Dialogue::relay(base::ByteView ciphertext, base::ByteView mac) {
    base::Bytes data = PayloadWriter().in_order(kSecuredAccess).in_order(kOperator).field(ciphertext).field(mac).take();
    KMP_CHECK(line_.ask({address_, Control::request(Function::relay_control), std::move(data)}, Repeat::no));
    return {};
}

base::Result<base::Millis> Dialogue::clock() {
    // The time first: should midnight fall between the two, the sum is a day late rather than a day early.
    KMP_TRY(const base::Bytes time, read(di::kTime, 3));
    KMP_TRY(const base::Bytes date, read(di::kDate, 4));
    using namespace std::chrono;
    const year_month_day day{year(2000 + static_cast<int>(two_digits(date[0]))), month(two_digits(date[1])), std::chrono::day(two_digits(date[2]))};
    if (!day.ok()) return {Code::malformed, "meter " + meter_.text() + " shows the date " + base::to_hex(date)};
    const auto at = sys_days(day) + hours(two_digits(time[0])) + minutes(two_digits(time[1])) + seconds(two_digits(time[2]));
    return static_cast<base::Millis>(duration_cast<milliseconds>(at.time_since_epoch()).count());
}

}  // namespace vending
