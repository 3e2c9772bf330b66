#include "vending/remote.h"

#include <chrono>

#include "meter/dlt645/error_word.h"
#include "vending/setting.h"

namespace vending {
namespace {

namespace pb = wire::pb;
namespace di = dlt645::di;
using base::Code;
using dlt645::SerrBit;
using model::KeyState;

constexpr int kPurchaseTries = 4;
constexpr int kCheckTries = 3;
constexpr base::Millis kRelayValidity = 10 * base::kMinute;

bool says(const base::Error& error, SerrBit bit) { return error.code == Code::refused && (error.raw & static_cast<std::int64_t>(bit)) != 0; }

struct Session {
    std::string r1;
    std::string r2;
};

base::Result<Session> authenticate(Platform& platform, Dialogue& meter, KeyState state = KeyState::production) {
    KMP_TRY(const pb::AuthenticateReply proof, platform.authenticate(meter.meter(), state));
    auto answer = meter.authenticate(proof);
    if (!answer && says(answer.error(), SerrBit::authentication_failed) && state == KeyState::factory)
        return base::Error{Code::refused, answer.error().message + ": it does not hold the factory keys; its wallet can be initialised only before it gets its own", answer.error().raw};
    if (!answer && says(answer.error(), SerrBit::authentication_failed))
        return base::Error{Code::refused, answer.error().message + ": it does not hold the platform's keys; a new meter gets them by 'kmp-vend keys download', one whose keys were put back gets none again", answer.error().raw};
    if (!answer) return std::move(answer).error();
    platform.tell("meter " + meter.meter().text() + " authenticated under " + (state == KeyState::factory ? std::string("the factory keys") : "key version " + std::to_string(proof.key_version())));
    return Session{proof.r1(), std::string(base::as_text(answer->r2))};
}

/// Runs `command` under a fresh authentication; once more under another one when the meter says that this one has ended. It then
/// did nothing, so the repetition is safe for every command; `expired` tells such a refusal.
template <class Command>
auto with_session(Platform& platform, Dialogue& meter, bool (*expired)(const base::Error&), const Command& command) -> decltype(command(Session{})) {
    KMP_TRY(const Session first, authenticate(platform, meter));
    auto done = command(first);
    if (done || !expired(done.error())) return done;
    platform.tell("the authentication has expired; renewing it");
    KMP_TRY(const Session second, authenticate(platform, meter));
    return command(second);
}

/// Of a 03H command.
bool session_ended(const base::Error& error) { return says(error, SerrBit::authentication_failed); }

/// Of 14H and 1CH, whose error word has no other bit for it.
bool not_authorised(const base::Error& error) { return error.code == Code::refused && error.raw == static_cast<std::int64_t>(dlt645::ErrorBit::not_authorised); }

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

std::string name(pb::OrderKind kind) {
    switch (kind) {
        case pb::OPEN_ACCOUNT: return "opening of the account";
        case pb::RECHARGE: return "recharge";
        case pb::INITIALISE_WALLET: return "initialisation of the wallet";
        case pb::REFUND: return "refund";
        case pb::CLEAR: return "clearing of the account";
        case pb::REPLACE_CARD: return "replacement of the card";
        default: return "order";
    }
}

namespace {

/// One order on its way to one meter.
class Sale {
public:
    Sale(Platform& platform, Dialogue& meter, const Purchase& purchase, const Trail& trail);
    base::Result<Purchased> run();

private:
    enum class Step { taken, refused, again, stop };
    /// One authentication, one answer of kmpd, one frame to the meter.
    base::Result<Step> attempt();
    base::Status send(const pb::OrderReply& reply);
    Step judge(const base::Error& error);
    enum class Standing { credited, not_credited, other_count, silent, not_allowed };
    Standing ask_status();
    base::Result<Purchased> conclude(Step last);
    base::Error refusal() const;
    base::Error unknown() const;
    base::Error other_order() const;

    Platform& platform_;
    Dialogue& meter_;
    const Purchase& purchase_;
    const Trail& trail_;
    pb::Order order_;
    Purchased out_;
    std::string again_;
    base::Error trouble_;      ///< the last one
    bool charged_ = false;     ///< kmpd has answered in this run
    bool lost_ = false;        ///< an answer of the meter to this order was lost, in this run or an earlier one
    bool renewed_ = false;     ///< the authentication was renewed once because the meter no longer knew it
    bool wallet_ = false;      ///< an initialisation: no count, and harmless when it happens twice
};

Sale::Sale(Platform& platform, Dialogue& meter, const Purchase& purchase, const Trail& trail)
    : platform_(platform), meter_(meter), purchase_(purchase), trail_(trail), wallet_(purchase.kind == pb::INITIALISE_WALLET) {
    order_.set_order_id(purchase.order.raw().data(), purchase.order.raw().size());
    order_.set_kind(purchase.kind);
    order_.set_meter(meter.meter().number());
    order_.set_customer(purchase.customer.number());
    order_.set_amount_fen(purchase.amount.value());
    again_ = "repeat it with --order-id " + purchase.order.text();
    lost_ = purchase.doubtful;
    out_.count = purchase.known_count;
}

base::Status Sale::send(const pb::OrderReply& reply) {
    const auto amount = static_cast<std::uint32_t>(purchase_.amount.value());
    const auto mac1 = base::as_bytes(reply.mac1());
    const auto mac2 = base::as_bytes(reply.mac2());
    if (wallet_) return meter_.initialise_wallet(amount, mac1, mac2);
    const auto command = purchase_.kind == pb::OPEN_ACCOUNT ? di::kOpenAccount : purchase_.kind == pb::REFUND ? di::kRefund : purchase_.kind == pb::CLEAR ? di::kClearWallet : di::kRecharge;
    return meter_.purchase({command, amount, out_.count, purchase_.customer, mac1, mac2});
}

/// What a failure of the meter's command means for this order.
Sale::Step Sale::judge(const base::Error& error) {
    if (error.code == Code::timeout) {
        lost_ = true;
        platform_.tell("the meter's answer was lost; asking again with the same order");
        return Step::again;
    }
    if (says(error, SerrBit::repeated_recharge)) return Step::taken;
    // Another station's authentication, or a late answer to ours, can have put a new R2 in the place of this one.
    if (!renewed_ && (says(error, SerrBit::mac_failed) || says(error, SerrBit::authentication_failed))) {
        renewed_ = true;
        platform_.tell("the meter no longer knows the authentication; renewing it");
        return Step::again;
    }
    return error.code == Code::refused ? Step::refused : Step::stop;
}

base::Result<Sale::Step> Sale::attempt() {
    KMP_TRY(const Session session, authenticate(platform_, meter_, wallet_ ? KeyState::factory : KeyState::production));
    order_.set_r2(session.r2);
    if (trail_) KMP_CHECK(trail_(Passed::asking, out_));
    KMP_TRY(const pb::OrderReply reply, platform_.order(order_));
    out_.count = reply.purchase_count();
    out_.receipt = reply.charge().index();
    out_.leaf = reply.charge().leaf_hash();
    // Only what kmpd says first counts: our own repetitions are no news.
    if (!charged_) out_.repeated = reply.repeated();
    charged_ = true;
    platform_.tell("kmpd gave the MACs for purchase count " + std::to_string(out_.count) + (reply.repeated() ? " once more, free of charge" : ""));
    if (trail_) KMP_CHECK(trail_(Passed::answered, out_));
    if (trail_) KMP_CHECK(trail_(Passed::sent, out_));
    const auto taken = send(reply);
    if (taken) {
        platform_.tell("the meter confirmed the " + name(purchase_.kind));
        return Step::taken;
    }
    trouble_ = taken.error();
    return judge(taken.error());
}

/// The meter's own count, under MACs that name the authentication they were asked under: no late answer can pass for it.
Sale::Standing Sale::ask_status() {
    if (wallet_) return Standing::not_allowed;  // the platform checks a status under private keys
    for (int i = 0; i < kCheckTries; ++i) {
        const auto said = query_status(platform_, meter_);
        if (said) {
            meter_.line().settle();
            if (said->count == out_.count) return Standing::credited;
            return said->count + 1 == out_.count ? Standing::not_credited : Standing::other_count;
        }
        const auto code = said.error().code;
        if ((code == Code::denied || code == Code::refused) && said.error().raw == 0) return Standing::not_allowed;
        trouble_ = said.error();
    }
    return Standing::silent;
}

base::Error Sale::refusal() const {
    if (wallet_) return {Code::refused, trouble_.message, trouble_.raw};
    return {Code::refused, trouble_.message + "; this order was not credited and keeps purchase count " + std::to_string(out_.count) + ": mend the cause and " + again_, trouble_.raw};
}

base::Error Sale::unknown() const {
    return {Code::outcome_unknown, "it is not known whether meter " + meter_.meter().text() + " took the " + name(purchase_.kind) + " (" + trouble_.message + "): " + again_};
}

base::Error Sale::other_order() const {
    return {Code::conflict, "meter " + meter_.meter().text() + " has purchase count " + std::to_string(out_.count) + " from another order: reconcile it before selling again", trouble_.raw};
}

/// `last`: what the meter's last answer came to; `again` and `stop` where there was none.
base::Result<Purchased> Sale::conclude(Step last) {
    bool had_it = last == Step::taken && says(trouble_, SerrBit::repeated_recharge);
    if (had_it && !lost_ && !out_.repeated && !meter_.line().disturbed()) return other_order();
    const bool doubtful = lost_ || meter_.line().disturbed() || last == Step::stop;
    Standing standing = Standing::not_allowed;
    if (doubtful && out_.count > 0) standing = ask_status();
    switch (standing) {
        case Standing::credited:
            had_it = had_it || last != Step::taken;
            last = Step::taken;
            break;
        case Standing::not_credited:
            if (last == Step::refused) return refusal();
            trouble_.message = "its purchase count says that it has not heard it";
            return unknown();
        case Standing::other_count:
            trouble_.message = "its purchase count fits neither before nor after it";
            return unknown();
        case Standing::silent: return unknown();
        case Standing::not_allowed: break;
    }
    if (last == Step::taken) {
        out_.told_late = had_it;
        if (out_.told_late) platform_.tell("the meter has been credited with this order before");
        return out_;
    }
    // A count that no longer fits after a lost answer: a later purchase may have followed ours, or another come between.
    if (last == Step::refused && !(lost_ && says(trouble_, SerrBit::wrong_count))) return refusal();
    return unknown();
}

base::Result<Purchased> Sale::run() {
    Step last = Step::again;
    for (int i = 0; i < kPurchaseTries && last == Step::again; ++i) {
        trouble_.raw = 0;
        auto step = attempt();
        if (step) {
            last = *step;
            continue;
        }
        if (!lost_) return std::move(step).error();
        trouble_ = step.error();
        if (trouble_.code != Code::timeout) last = Step::stop;
    }
    if (last == Step::again && !lost_) return refusal();
    return conclude(last);
}

}  // namespace

base::Result<Purchased> purchase(Platform& platform, Dialogue& meter, const Purchase& purchase, const Trail& trail) {
    return Sale(platform, meter, purchase, trail).run();
}

base::Result<MeterStatus> query_status(Platform& platform, Dialogue& meter) {
    std::string r1;
    KMP_TRY(const Dialogue::Status said, with_session(platform, meter, session_ended, [&](const Session& session) {
                r1 = session.r1;
                return meter.query_status();
            }));
    pb::CheckStatus check;
    check.set_meter(meter.meter().number());
    check.set_r1(r1);
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
    std::uint64_t receipt = 0;
    auto obeyed = with_session(platform, meter, not_authorised, [&](const Session& session) -> base::Status {
        pb::Relay relay;
        relay.set_meter(meter.meter().number());
        relay.set_r2(session.r2);
        relay.set_command(static_cast<std::uint32_t>(command));
        relay.set_valid_until(bytes(until));
        KMP_TRY(const pb::RelayReply reply, platform.relay(relay));
        platform.tell("kmpd gave the encrypted command");
        receipt = reply.receipt().index();
        auto done = meter.relay(base::as_bytes(reply.ciphertext()), base::as_bytes(reply.mac()));
        if (!done && (done.error().code == Code::timeout || done.error().code == Code::io_failed))
            return {Code::outcome_unknown, "it is not known whether meter " + meter.meter().text() + " obeyed the command, which was sent: " + done.error().message + "; it may be given again"};
        return done;
    });
    // The standard has no bit for it: "other error" is all that a meter with a guaranteed supply can say.
    if (!obeyed && command == RelayCommand::trip && says(obeyed.error(), SerrBit::other))
        return base::Error{Code::refused, obeyed.error().message + "; perhaps its supply is guaranteed (kmp-vend remote keep-power off ends that)", obeyed.error().raw};
    if (!obeyed) return std::move(obeyed).error();
    return receipt;
}

base::Result<std::uint64_t> set_validity(Platform& platform, Dialogue& meter, unsigned minutes) {
    std::uint64_t receipt = 0;
    KMP_CHECK(with_session(platform, meter, session_ended, [&](const Session& session) -> base::Status {
        pb::SetValidity validity;
        validity.set_meter(meter.meter().number());
        validity.set_r2(session.r2);
        validity.set_minutes(minutes);
        KMP_TRY(const pb::SetValidityReply reply, platform.set_validity(validity));
        receipt = reply.receipt().index();
        return meter.set_validity(minutes, base::as_bytes(reply.mac()));
    }));
    return receipt;
}

base::Result<MeterStatus> end_authentication(Platform& platform, Dialogue& meter) {
    KMP_TRY(const Dialogue::Ended said, with_session(platform, meter, session_ended, [&](const Session&) { return meter.end(); }));
    MeterStatus out;
    out.balance = model::Fen(static_cast<std::int32_t>(number(said.balance)));
    out.count = number(said.count);
    KMP_TRY(out.customer, model::CustomerNumber::from_bcd(said.customer));
    KMP_TRY(out.key_state, model::key_state_from(said.key_info[0]));
    out.key_version = said.key_info[3];
    return out;
}

base::Result<ReadBack> read_back(Platform& platform, Dialogue& meter) {
    constexpr Dialogue::Piece kWallet{0xDF01, 0x0002, 0, 8};  // balance, count
    pb::CheckReadBack check;
    KMP_TRY(const Dialogue::Told said, with_session(platform, meter, session_ended, [&](const Session& session) {
                check.set_r1(session.r1);
                return meter.read_back(kWallet);
            }));
    check.set_meter(meter.meter().number());
    check.set_data(base::to_string(said.data));
    check.set_mac(bytes(said.mac));
    KMP_TRY(const pb::CheckReadBackReply checked, platform.check_read_back(check));
    if (!checked.genuine()) return base::Error{Code::tampered, "what meter " + meter.meter().text() + " read back is not genuine: its MAC does not hold"};
    base::ByteReader in(said.data);
    KMP_TRY(const std::uint32_t balance, in.u32());
    KMP_TRY(const std::uint32_t count, in.u32());
    return ReadBack{model::Fen(static_cast<std::int32_t>(balance)), count, checked.receipt().index()};
}

base::Result<std::uint64_t> ParameterWriter::write_once(dlt645::DataIdentifier what, base::ByteView field, bool encrypt) {
    pb::WriteParameter parameter;
    parameter.set_meter(meter_.meter().number());
    parameter.set_r2(r2_);
    parameter.set_di(what.value());
    parameter.set_data(base::to_string(field));
    parameter.set_encrypt(encrypt);
    KMP_TRY(const pb::WriteParameterReply reply, platform_.write_parameter(parameter));
    KMP_CHECK(meter_.write(what, encrypt, encrypt ? base::as_bytes(reply.ciphertext()) : field, base::as_bytes(reply.mac())));
    return reply.receipt().index();
}

base::Result<std::uint64_t> ParameterWriter::write(dlt645::DataIdentifier what, base::ByteView field, bool encrypt) {
    if (r2_.empty()) {
        KMP_TRY(const Session session, authenticate(platform_, meter_));
        r2_ = session.r2;
    }
    auto written = write_once(what, field, encrypt);
    if (written || !not_authorised(written.error())) return written;
    platform_.tell("the authentication has expired, or another has taken its place; renewing it");
    KMP_TRY(const Session session, authenticate(platform_, meter_));
    r2_ = session.r2;
    return write_once(what, field, encrypt);
}

}  // namespace vending
