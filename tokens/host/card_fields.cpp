// What a charging card is told and asked. source: SUITE.md 5.2, 5.3
#include "tokens/host/card_files.h"
#include "tokens/host/meter_fields.h"

namespace tokens::host {
namespace {

using base::Code;
using model::KeyClass;
using model::KeyState;

constexpr std::uint32_t kInternal = 0x00880001;
constexpr std::uint32_t kExternal = 0x00820002;
constexpr std::uint32_t kUpdate = 0x04D68000;
constexpr std::uint32_t kPurchase = 0x04D68100;  // the command that carries it
constexpr std::uint32_t kRead = 0x04B08000;
constexpr std::uint32_t kWriteKey = 0x84D40000;

/// In private state a card's keys come from its meter's node; a blank card's from the factory master, and the serial alone tells it apart.
base::Result<KeyName> card_key_name(const pb::CardKey& card, Usage usage) {
    KMP_CHECK(check_size(card.serial(), 8, "a card's serial"));
    KeyName out{Level::card, KeyClass::card, usage, KeyState::factory, 0, {}};
    std::copy_n(view(card.serial()).begin(), out.factor.size(), out.factor.begin());
    if (card.meter().state() == static_cast<std::uint32_t>(KeyState::factory)) {
        if (card.meter().version() != 0) return {Code::invalid_argument, "the factory set has key version 0"};
        return out;
    }
    KMP_TRY(const KeyName node, meter_key_name(card.meter(), KeyClass::card, Usage::node));
    out.state = node.state;
    out.version = static_cast<model::KeyVersion>(card.meter().version());
    out.node_version = node.version;
    out.node = node.factor;
    return out;
}

/// The command's last two bytes: 80 and the short id, and where in the file.
std::uint32_t at(std::uint32_t command, std::uint32_t file, std::uint32_t offset) { return command | file << 8 | offset; }

base::Status check_place(std::uint32_t file, std::uint32_t offset, std::size_t size) {
    if (file < 1 || file > 5) return {Code::invalid_argument, "a card's files have the short ids 1 to 5"};
    if (offset > 0xFF || size == 0 || size > kMaxCardData) return {Code::invalid_argument, "a card's command carries 1 to 240 bytes, from byte 0 to 255 on"};
    return {};
}

base::Result<Mac> secured(Host& host, const pb::CardKey& card, Direction direction, std::uint32_t command, base::ByteView freshness, base::ByteView fields) {
    KMP_TRY(const KeyName key, card_key_name(card, Usage::mac));
    KMP_TRY(const MacInput input, mac_input(direction, command, 0, freshness, {fields}));
    return cmac(host, key, input);
}

base::Result<Usage> card_usage(std::uint32_t usage) {
    for (const Usage known : {Usage::internal_authentication, Usage::external_authentication, Usage::mac, Usage::key_wrap})
        if (static_cast<std::uint32_t>(known) == usage) return known;
    return base::Error{Code::invalid_argument, "a card's keys have the usages 2, 4, 5 and 6"};
}

/// A blank card becomes a meter's, or a meter's card blank: nothing else.
base::Status check_change(const pb::CardKeyWrite& request) {
    if (request.current().serial() != request.next().serial()) return {Code::invalid_argument, "a card keeps its serial"};
    if (request.current().meter().state() == request.next().meter().state())
        return {Code::refused, "a card goes from the factory keys to a meter's, or back; make it blank first"};
    return {};
}

}  // namespace

base::Status card_authenticate(Host& host, Call& call) {
    const pb::CardAuthenticate& request = call.request.card_authenticate();
    KMP_CHECK(check_size(request.random(), 8, "a random number for a card"));
    KMP_CHECK(check_size(request.answer(), 8, "a card's answer"));
    KMP_CHECK(check_size(request.challenge(), 8, "a card's challenge"));
    KMP_TRY(const KeyName internal, card_key_name(request.card(), Usage::internal_authentication));
    KMP_TRY(const KeyName external, card_key_name(request.card(), Usage::external_authentication));
    KMP_TRY(const MacInput asked, mac_input(Direction::from_meter, kInternal, 0, view(request.random()), {}));
    KMP_TRY(const Mac answer, cmac(host, internal, asked));
    pb::CardAuthenticateReply& reply = *call.reply.mutable_card_authenticate();
    reply.set_genuine(base::equal_constant_time(first(answer, 8), view(request.answer())));
    // Nobody learns an answer for a card that has not proved itself.
    if (!reply.genuine()) return {};
    KMP_TRY(const MacInput challenged, mac_input(Direction::to_meter, kExternal, 0, view(request.challenge()), {}));
    KMP_TRY(const Mac response, cmac(host, external, challenged));
    set(reply.mutable_response(), first(response, 8));
    return {};
}

base::Status card_key_write(Host& host, Call& call) {
    const pb::CardKeyWrite& request = call.request.card_key_write();
    KMP_CHECK(check_size(request.challenge(), 4, "a card's challenge"));
    KMP_TRY(const Usage usage, card_usage(request.usage()));
    KMP_CHECK(check_change(request));
    KMP_TRY(const KeyName wrap_name, card_key_name(request.current(), Usage::key_wrap));
    KMP_TRY(const KeyName next, card_key_name(request.next(), usage));
    pkcs11::Session& session = host.token.session();
    // The new key can be wrapped for as long as this takes, and is gone right after.
    KMP_TRY(const pkcs11::SecretKey fresh, host.meter_keys.derive_for_wrapping(next));
    base::Bytes wrapped;
    {
        const pkcs11::Temporary owned(session, fresh);
        KMP_TRY(const pkcs11::SecretKey wrapping, host.meter_keys.get(wrap_name));
        KMP_TRY(wrapped, session.wrap(pkcs11::Mechanism::aes_key_wrap(), wrapping, fresh));
    }
    if (wrapped.size() != 24) return {Code::token_failed, "the UKEY's key wrap of a 16-byte key does not have 24 bytes"};
    const std::uint32_t command = kWriteKey | static_cast<std::uint32_t>(next.state) << 8 | static_cast<std::uint32_t>(usage);
    KMP_TRY(const Mac mac, secured(host, request.current(), Direction::to_meter, command, view(request.challenge()), wrapped));
    pb::CardKeyWriteReply& reply = *call.reply.mutable_card_key_write();
    set(reply.mutable_wrapped(), wrapped);
    set(reply.mutable_mac(), first(mac, 4));
    return {};
}

base::Status card_update(Host& host, Call& call) {
    const pb::CardUpdate& request = call.request.card_update();
    KMP_CHECK(check_size(request.challenge(), 4, "a card's challenge"));
    KMP_CHECK(check_place(request.file(), request.offset(), request.data().size()));
    KMP_TRY(const KeyName key, card_key_name(request.card(), Usage::mac));
    if (!below_a_node(key)) return {Code::refused, "a blank card is written nothing but keys"};
    KMP_CHECK(check_card_write(request.file(), request.offset(), view(request.data())));
    KMP_TRY(const Mac mac, secured(host, request.card(), Direction::to_meter, at(kUpdate, request.file(), request.offset()), view(request.challenge()), view(request.data())));
    set(call.reply.mutable_card_update()->mutable_mac(), first(mac, 4));
    return {};
}

base::Status card_purchase(Host& host, Call& call) {
    const pb::CardPurchase& request = call.request.card_purchase();
    KMP_CHECK(check_size(request.challenge(), 4, "a card's challenge"));
    KMP_TRY(const KeyName key, card_key_name(request.card(), Usage::mac));
    if (!below_a_node(key)) return {Code::refused, "a blank card is written nothing but keys"};
    const CardContent content{view(request.parameters()), request.amount(), request.count(), view(request.tariffs_now()), view(request.tariffs_to_come())};
    KMP_CHECK(check_purchase(content, key.node));
    KMP_TRY(const KeyName credit, meter_key_name(request.card().meter(), KeyClass::credit, Usage::mac));
    KMP_TRY(const MacInput input, mac_input(Direction::to_meter, kPurchase, 1, view(request.card().serial()), {purchase_fields(content)}));
    KMP_TRY(const Mac purchase, cmac(host, credit, input));
    const base::Bytes file = with_purchase_mac(content.parameters, first(purchase, 4));
    KMP_TRY(const Mac mac, secured(host, request.card(), Direction::to_meter, at(kUpdate, static_cast<std::uint32_t>(CardFile::parameters), 0), view(request.challenge()), file));
    pb::CardPurchaseReply& reply = *call.reply.mutable_card_purchase();
    set(reply.mutable_parameters(), file);
    set(reply.mutable_mac(), first(mac, 4));
    return {};
}

base::Status card_read_mac(Host& host, Call& call) {
    const pb::CardReadMac& request = call.request.card_read_mac();
    KMP_CHECK(check_size(request.random(), 8, "a random number for a card"));
    KMP_CHECK(check_size(request.mac(), 4, "a MAC"));
    KMP_CHECK(check_place(request.file(), request.offset(), request.data().size()));
    KMP_TRY(const Mac mac, secured(host, request.card(), Direction::from_meter, at(kRead, request.file(), request.offset()), view(request.random()), view(request.data())));
    call.reply.mutable_genuine()->set_genuine(base::equal_constant_time(first(mac, 4), view(request.mac())));
    return {};
}

}  // namespace tokens::host
