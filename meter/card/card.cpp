#include "meter/card/card.h"

#include <algorithm>

#include "meter/aes.h"

namespace meter::card {
namespace {

constexpr std::uint16_t kMasterFile = 0x3F00;
constexpr std::uint16_t kApplication = 0xDF01;
constexpr std::size_t kLongChallenge = 8;   // for external authentication
constexpr std::size_t kShortChallenge = 4;  // for a secured command
constexpr std::size_t kRandomSize = 8;
constexpr std::size_t kMaxData = 240;       // a MAC covers 248 bytes, 8 of them freshness
constexpr std::size_t kWrappedKeySize = 24;
constexpr std::uint8_t kShortIdFlag = 0x80;
constexpr unsigned kAllKeys = (1u << kUsages.size()) - 1;

base::Bytes serial_file(const Serial& serial) {
    base::Bytes out{0x00};
    out.insert(out.end(), serial.begin(), serial.end());
    return out;
}

}  // namespace

const std::array<Card::Row, 8> Card::kTable{{{0x00, 0xA4, &Card::select},
                                             {0x00, 0xB0, &Card::read_plain},
                                             {0x00, 0x84, &Card::get_challenge},
                                             {0x00, 0x88, &Card::internal_authenticate},
                                             {0x00, 0x82, &Card::external_authenticate},
                                             {0x04, 0xB0, &Card::read_secured},
                                             {0x04, 0xD6, &Card::update_secured},
                                             {0x84, 0xD4, &Card::write_key}}};

base::Bytes Card::answer(base::ByteView apdu) {
    // Drawn just before: any command uses the challenge up, also one that is refused.
    const Challenge challenge = std::exchange(challenge_, {});
    return carry_out(apdu, challenge).encode();
}

Answer Card::carry_out(base::ByteView bytes, const Challenge& challenge) {
    const auto apdu = parse_apdu(bytes);
    if (!apdu) return StatusWord::wrong_length;
    const std::uint8_t cla = apdu->head[0];
    const std::uint8_t ins = apdu->head[1];
    const auto row = std::find_if(kTable.begin(), kTable.end(), [&](const Row& r) { return r.cla == cla && r.ins == ins; });
    if (row != kTable.end()) return (this->*row->run)(*apdu, challenge);
    const bool class_known = std::any_of(kTable.begin(), kTable.end(), [&](const Row& r) { return r.cla == cla; });
    const bool instruction_known = std::any_of(kTable.begin(), kTable.end(), [&](const Row& r) { return r.ins == ins; });
    return class_known && !instruction_known ? StatusWord::unknown_instruction : StatusWord::unknown_class;
}

void Card::reset() noexcept {
    in_application_ = false;
    challenge_.clear();
    end_authentication();
}

void Card::end_authentication() noexcept {
    authenticated_ = false;
    arriving_.reset();
    arrived_ = 0;
}

bool Card::commit(CardState next) {
    if (!storage_.save(next)) return false;
    state_ = std::move(next);
    return true;
}

Answer Card::select(const Apdu& apdu, const Challenge&) {
    if (apdu.p1() != 0 || apdu.p2() != 0) return StatusWord::wrong_parameters;
    if (apdu.data.size() != 2) return StatusWord::wrong_length;
    const unsigned id = static_cast<unsigned>(apdu.data[0]) << 8 | apdu.data[1];
    if (id != kMasterFile && id != kApplication) return StatusWord::no_such_file;
    in_application_ = id == kApplication;
    end_authentication();
    return StatusWord::done;
}

Answer Card::get_challenge(const Apdu& apdu, const Challenge&) {
    if (apdu.p1() != 0 || apdu.p2() != 0) return StatusWord::wrong_parameters;
    if (!apdu.data.empty() || !apdu.le || (*apdu.le != kLongChallenge && *apdu.le != kShortChallenge)) return StatusWord::wrong_length;
    challenge_ = base::Secret::random(*apdu.le).reveal([](base::ByteView drawn) { return base::to_bytes(drawn); });
    return {StatusWord::done, challenge_};
}

Answer Card::internal_authenticate(const Apdu& apdu, const Challenge&) {
    if (apdu.p1() != 0x00 || apdu.p2() != 0x01) return StatusWord::wrong_parameters;
    if (apdu.data.size() != kRandomSize || (apdu.le && *apdu.le < kProofSize)) return StatusWord::wrong_length;
    return {StatusWord::done, make_mac(state_.keys, Usage::internal_authentication, Direction::from_meter, apdu.head, apdu.data, {}, kProofSize)};
}

Answer Card::external_authenticate(const Apdu& apdu, const Challenge& challenge) {
    if (apdu.p1() != 0x00 || apdu.p2() != 0x02) return StatusWord::wrong_parameters;
    if (apdu.data.size() != kProofSize || apdu.le) return StatusWord::wrong_length;
    if (state_.tries == 0) return StatusWord::blocked;
    if (challenge.size() != kLongChallenge) return StatusWord::no_challenge;
    end_authentication();
    // A try is spent before it is judged: pulling the card out in between gains none.
    CardState spent = state_.duplicate();
    --spent.tries;
    if (!commit(std::move(spent))) return StatusWord::memory_failure;
    if (!mac_holds(state_.keys, Usage::external_authentication, apdu.head, challenge, {}, apdu.data, kProofSize)) {
        Answer wrong(StatusWord::wrong_authentication);
        wrong.status = static_cast<std::uint16_t>(wrong.status | state_.tries);
        return wrong;
    }
    CardState right = state_.duplicate();
    right.tries = kTries;
    if (!commit(std::move(right))) return StatusWord::memory_failure;
    authenticated_ = true;
    return StatusWord::done;
}

/// The serial lies in the MF and is readable from everywhere; all else lies in DF01.
std::optional<FileId> Card::find(std::uint8_t p1) const noexcept {
    const auto id = file_from(static_cast<std::uint8_t>(p1 & ~kShortIdFlag));
    if (!id || (*id != FileId::serial && !in_application_)) return std::nullopt;
    return id;
}

/// The bytes that a READ BINARY asks for. Le 00 asks for all there is, up to what one command carries.
Answer Card::read_file(const Apdu& apdu) const {
    const FileId id = find(apdu.p1()).value();
    const base::Bytes serial = serial_file(state_.serial);
    const base::ByteView file = id == FileId::serial ? base::ByteView(serial) : state_.file(id);
    if (apdu.p2() >= file.size()) return StatusWord::wrong_offset;
    const base::ByteView rest = file.subspan(apdu.p2());
    const std::size_t asked = *apdu.le == 256 ? std::min(rest.size(), kMaxData) : *apdu.le;
    if (asked > rest.size() || asked > kMaxData) return StatusWord::wrong_length;
    return {StatusWord::done, base::to_bytes(rest.first(asked))};
}

Answer Card::read_plain(const Apdu& apdu, const Challenge&) {
    if ((apdu.p1() & 0xE0) != kShortIdFlag) return StatusWord::wrong_parameters;
    if (!apdu.data.empty() || !apdu.le) return StatusWord::wrong_length;
    const auto id = find(apdu.p1());
    if (!id) return StatusWord::no_such_file;
    if (*id != FileId::serial && !authenticated_) return StatusWord::not_authenticated;
    return read_file(apdu);
}

Answer Card::read_secured(const Apdu& apdu, const Challenge&) {
    if ((apdu.p1() & 0xE0) != kShortIdFlag) return StatusWord::wrong_parameters;
    if (apdu.data.size() != kRandomSize || !apdu.le) return StatusWord::wrong_length;
    if (!find(apdu.p1())) return StatusWord::no_such_file;
    if (!authenticated_) return StatusWord::not_authenticated;
    Answer out = read_file(apdu);
    if (out.data.empty()) return out;
    const base::Bytes mac = make_mac(state_.keys, Usage::mac, Direction::from_meter, apdu.head, apdu.data, out.data, kMacSize);
    out.data.insert(out.data.end(), mac.begin(), mac.end());
    return out;
}

bool Card::check_mac(const Apdu& apdu, const Challenge& challenge, base::ByteView fields, base::ByteView mac) {
    if (mac_holds(state_.keys, Usage::mac, apdu.head, challenge, fields, mac, kMacSize)) return true;
    end_authentication();
    return false;
}

Answer Card::update_secured(const Apdu& apdu, const Challenge& challenge) {
    if ((apdu.p1() & 0xE0) != kShortIdFlag) return StatusWord::wrong_parameters;
    if (apdu.data.size() <= kMacSize || apdu.data.size() > kMaxData + kMacSize || apdu.le) return StatusWord::wrong_length;
    const auto id = find(apdu.p1());
    if (!id) return StatusWord::no_such_file;
    if (*id == FileId::serial || !authenticated_) return StatusWord::not_authenticated;
    if (challenge.size() != kShortChallenge) return StatusWord::no_challenge;
    const base::ByteView fields = apdu.data.first(apdu.data.size() - kMacSize);
    if (!check_mac(apdu, challenge, fields, apdu.data.last(kMacSize))) return StatusWord::wrong_mac;
    CardState next = state_.duplicate();
    const std::span<std::uint8_t> file = next.file(*id);
    if (apdu.p2() >= file.size()) return StatusWord::wrong_offset;
    if (fields.size() > file.size() - apdu.p2()) return StatusWord::wrong_length;
    std::copy(fields.begin(), fields.end(), file.begin() + apdu.p2());
    return commit(std::move(next)) ? StatusWord::done : StatusWord::memory_failure;
}

Answer Card::write_key(const Apdu& apdu, const Challenge& challenge) {
    const auto usage = usage_from(apdu.p2());
    if (apdu.p1() > 1 || !usage) return StatusWord::wrong_parameters;
    if (apdu.data.size() != kWrappedKeySize + kMacSize || apdu.le) return StatusWord::wrong_length;
    if (!authenticated_) return StatusWord::not_authenticated;
    if (challenge.size() != kShortChallenge) return StatusWord::no_challenge;
    const base::ByteView wrapped = apdu.data.first(kWrappedKeySize);
    if (!check_mac(apdu, challenge, wrapped, apdu.data.last(kMacSize))) return StatusWord::wrong_mac;
    const auto key = state_.keys.with(Usage::key_wrap, [&](base::ByteView kek) { return aes::unwrap(kek, wrapped); });
    if (!key) return StatusWord::wrong_data;
    const auto set = static_cast<KeyState>(apdu.p1());
    if (!arriving_ || arriving_->state() != set) {
        arriving_.emplace(set);
        arrived_ = 0;
    }
    arriving_->put(*usage, *key);
    arrived_ |= 1u << (std::find(kUsages.begin(), kUsages.end(), *usage) - kUsages.begin());
    if (arrived_ != kAllKeys) return StatusWord::done;
    CardState next = state_.duplicate();
    next.keys = std::move(*arriving_);
    end_authentication();
    return commit(std::move(next)) ? StatusWord::done : StatusWord::memory_failure;
}

}  // namespace meter::card
