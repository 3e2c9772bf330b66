#include "vending/remote.h"

#include <chrono>
#include <ctime>

#include "meter/dlt645/error_word.h"

namespace vending {
namespace {

namespace pb = wire::pb;
namespace di = dlt645::di;
using base::Code;
using dlt645::SerrBit;
using model::KeyState;

constexpr int kPurchaseTries = 4;
constexpr base::Millis kRelayValidity = 10 * base::kMinute;

bool says(const base::Error& error, SerrBit bit) { return error.code == Code::refused && (error.raw & static_cast<std::int64_t>(bit)) != 0; }

struct Session {
    std::string r1;
    std::string r2;
};

base::Result<Session> authenticate(Platform& platform, Dialogue& meter) {
    KMP_TRY(const pb::AuthenticateReply proof, platform.authenticate(meter.meter(), KeyState::production));
    auto answer = meter.authenticate(proof);
    if (!answer && says(answer.error(), SerrBit::authentication_failed))
        return base::Error{Code::refused, answer.error().message + ": it does not hold the platform's keys; a new meter gets them by 'kmp-vend keys download', one whose keys were put back gets none again", answer.error().raw};
    if (!answer) return std::move(answer).error();
    platform.tell("meter " + meter.meter().text() + " authenticated under key version " + std::to_string(proof.key_version()));
    return Session{proof.r1(), std::string(base::as_text(answer->r2))};
}

std::string what(pb::OrderKind kind) { return kind == pb::OPEN_ACCOUNT ? "opening of the account" : "recharge"; }

base::Millis local_clock() {
    const std::time_t now = std::time(nullptr);
    std::tm parts{};
    localtime_r(&now, &parts);
    return (static_cast<base::Millis>(now) + parts.tm_gmtoff) * base::kSecond;
}

std::uint8_t bcd(unsigned v) { return static_cast<std::uint8_t>(v / 10 % 10 << 4 | v % 10); }

std::uint32_t number(const std::array<std::uint8_t, 4>& field) {
    return static_cast<std::uint32_t>(field[0]) << 24 | static_cast<std::uint32_t>(field[1]) << 16 | static_cast<std::uint32_t>(field[2]) << 8 | field[3];
}

template <std::size_t N>
std::string bytes(const std::array<std::uint8_t, N>& field) {
    return std::string(base::as_text(field));
}

}  // namespace

std::array<std::uint8_t, 6> bcd_time(base::Millis local) noexcept {
    using namespace std::chrono;
    const sys_time<milliseconds> at{milliseconds(local)};
    const year_month_day day(floor<days>(at));
    const hh_mm_ss time(floor<seconds>(at - floor<days>(at)));
    return {bcd(static_cast<unsigned>(time.seconds().count())), bcd(static_cast<unsigned>(time.minutes().count())),
            bcd(static_cast<unsigned>(time.hours().count())),   bcd(static_cast<unsigned>(day.day())),
            bcd(static_cast<unsigned>(day.month())),            bcd(static_cast<unsigned>(static_cast<int>(day.year()) % 100))};
}

base::Result<Purchased> purchase(Platform& platform, Dialogue& meter, const Purchase& purchase) {
    pb::Order order;
    order.set_order_id(purchase.order.raw().data(), purchase.order.raw().size());
    order.set_kind(purchase.kind);
    order.set_meter(meter.meter().number());
    order.set_customer(purchase.customer.number());
    order.set_amount_fen(purchase.amount.value());
    const std::string again = "repeat it with --order-id " + purchase.order.text();

    bool lost = false;          // an answer of the meter to this order was lost in this run
    bool renewed = false;       // the authentication was renewed once because the meter no longer knew it
    std::string last_trouble;
    Purchased out;
    for (int i = 0; i < kPurchaseTries; ++i) {
        auto session = authenticate(platform, meter);
        if (!session) {
            if (!lost) return std::move(session).error();
            last_trouble = session.error().message;
            if (session.error().code != Code::timeout) break;
            continue;
        }
        order.set_r2(session->r2);
        auto reply = platform.order(order);
        if (!reply) {
            if (!lost) return std::move(reply).error();
            last_trouble = reply.error().message;
            break;
        }
        out.count = reply->purchase_count();
        out.receipt = reply->receipt().index();
        // Only what kmpd says first counts: our own repetitions are no news.
        if (i == 0) out.repeated = reply->repeated();
        platform.tell("kmpd gave the MACs for purchase count " + std::to_string(out.count) + (reply->repeated() ? " once more, free of charge" : ""));

        const auto taken = meter.purchase({purchase.kind == pb::OPEN_ACCOUNT ? di::kOpenAccount : di::kRecharge, static_cast<std::uint32_t>(purchase.amount.value()), out.count,
                                           purchase.customer, base::as_bytes(reply->mac1()), base::as_bytes(reply->mac2())});
        if (taken) {
            platform.tell("the meter confirmed the " + what(purchase.kind));
            return out;
        }
        const base::Error& error = taken.error();
        last_trouble = error.message;
        if (error.code == Code::timeout) {
            lost = true;
            platform.tell("the meter's answer was lost; asking again with the same order");
            continue;
        }
        if (says(error, SerrBit::repeated_recharge)) {
            if (lost || reply->repeated()) {
                platform.tell("the meter has been credited with this order before");
                out.told_late = true;
                return out;
            }
            return base::Error{Code::conflict, "meter " + meter.meter().text() + " has purchase count " + std::to_string(out.count) + " from another order: reconcile it before selling again", error.raw};
        }
        // Another station's authentication, or a late answer to ours, can have put a new R2 in the place of this one.
        if (!renewed && (says(error, SerrBit::mac_failed) || says(error, SerrBit::authentication_failed))) {
            renewed = true;
            platform.tell("the meter no longer knows the authentication; renewing it");
            continue;
        }
        // A count that no longer fits after a lost answer: a later purchase may have followed ours, or another come between.
        if (error.code != Code::refused || (lost && says(error, SerrBit::wrong_count))) {
            lost = true;
            break;
        }
        return base::Error{Code::refused, error.message + "; this order was not credited and keeps purchase count " + std::to_string(out.count) + ": mend the cause and " + again, error.raw};
    }
    if (!lost) return base::Error{Code::refused, last_trouble};
    return base::Error{Code::outcome_unknown, "it is not known whether meter " + meter.meter().text() + " took the " + what(purchase.kind) + " (" + last_trouble + "): " + again};
}

base::Result<MeterStatus> query_status(Platform& platform, Dialogue& meter) {
    KMP_TRY(const Session session, authenticate(platform, meter));
    KMP_TRY(const Dialogue::Status said, meter.query_status());
    pb::CheckStatus check;
    check.set_meter(meter.meter().number());
    check.set_r1(session.r1);
    check.set_balance(bytes(said.balance));
    check.set_balance_mac(bytes(said.balance_mac));
    check.set_count(bytes(said.count));
    check.set_count_mac(bytes(said.count_mac));
    check.set_customer(bytes(said.customer));
    check.set_key_info(bytes(said.key_info));
    KMP_TRY(const pb::CheckStatusReply checked, platform.check_status(check));
    if (!checked.genuine()) return base::Error{Code::tampered, "the status of meter " + meter.meter().text() + " is not genuine: its MACs do not hold"};
    platform.tell("kmpd verified the MACs of the meter's status");
    MeterStatus out;
    out.balance = model::Fen(static_cast<std::int32_t>(number(said.balance)));
    out.count = number(said.count);
    KMP_TRY(out.customer, model::CustomerNumber::from_bcd(said.customer));
    KMP_TRY(out.key_state, model::key_state_from(said.key_info[0]));
    out.key_version = said.key_info[3];
    out.known_count = checked.known_count();
    out.receipt = checked.receipt().index();
    return out;
}

base::Result<std::uint64_t> control_relay(Platform& platform, Dialogue& meter, RelayCommand command) {
    auto clock = meter.clock();
    if (!clock) {
        if (clock.error().code == Code::timeout || clock.error().code == Code::io_failed) return std::move(clock).error();
        platform.tell("the meter shows no clock (" + clock.error().message + "); taking this machine's");
    }
    const auto until = bcd_time((clock ? *clock : local_clock()) + kRelayValidity);
    KMP_TRY(const Session session, authenticate(platform, meter));
    pb::Relay relay;
    relay.set_meter(meter.meter().number());
    relay.set_r2(session.r2);
    relay.set_command(static_cast<std::uint32_t>(command));
    relay.set_valid_until(bytes(until));
    KMP_TRY(const pb::RelayReply reply, platform.relay(relay));
    platform.tell("kmpd gave the encrypted command");
    auto obeyed = meter.relay(base::as_bytes(reply.ciphertext()), base::as_bytes(reply.mac()));
    if (!obeyed && obeyed.error().code == Code::timeout)
        return base::Error{Code::outcome_unknown, "it is not known whether the command was obeyed: " + obeyed.error().message + "; it may be given again"};
    // The standard has no bit for it: "other error" is all that a meter with a guaranteed supply can say.
    if (!obeyed && command == RelayCommand::trip && says(obeyed.error(), SerrBit::other))
        return base::Error{Code::refused, obeyed.error().message + "; perhaps its supply is guaranteed (kmp-vend remote keep-power --off ends that)", obeyed.error().raw};
    if (!obeyed) return std::move(obeyed).error();
    return reply.receipt().index();
}

}  // namespace vending
