#pragma once
#include <functional>

#include "base/clock.h"
#include "meter/dlt645/payload.h"
#include "meter/element.h"
#include "meter/insertion.h"
#include "meter/meter.h"
#include "meter/metering/registers.h"

namespace meter {

/// What an installation sets on a meter, apart from its state.
struct MeterSettings {
    base::Millis authentication_validity = 5 * base::kMinute;
    base::Millis clock_offset = 0;  ///< what the meter's own clock shows, less UTC
    std::uint32_t watts = 0;        ///< the load when it starts
};
using Trouble = std::function<void(const base::Error&)>;

/// Everything about a meter as a person or a program may see it; no key.
struct Report {
    bool high_grade = false;
    dlt645::Address number;
    Account account;
    MoneyParameters parameters;
    MeteringState metering;
    Surroundings around;
    base::Millis local = 0;
};

/// The program of a meter: frames, metering, relay, records. Both grades run it; they differ in the Element that does their cryptography.
///
/// Rules that the standard leaves open, as this meter reads them:
/// - a wildcard address serves readings only;
/// - plain relay control works in factory state with password 000000, and is refused in private state;
/// - a broadcast that is not obeyed is passed over in silence, like all others.
/// source: SUITE.md; DL/T 645-2007
class PrepaymentMeter {
public:
    using Store = std::function<base::Status(const MeteringState&)>;
    /// `element` and `clock` outlive the meter. `trouble` hears of failures to store; the station gets "other error".
    PrepaymentMeter(const dlt645::Address& number, Element& element, MeteringState state, Store store, const base::Clock& clock,
                    const MeterSettings& settings, Trouble trouble);

    /// The power comes (back): call once, before anything else.
    void start();
    std::optional<dlt645::Frame> answer(const dlt645::Frame& request);
    /// Lets the time that has passed be counted. Stored when something happened, when much was consumed, or when `now` is set.
    void tick(bool now = false);
    Insertion insert(CardSlot& slot);
    /// The button that closes a relay whose closing is allowed. False when it does nothing.
    bool press_button();
    void set_load(std::uint32_t watts);
    void fail_phase(std::size_t phase, bool failed);

    Report report() const;
    const MeteringState& state() const noexcept { return state_; }
    const dlt645::Address& number() const noexcept { return number_; }

private:
    using Plain = Element::Plain;
    using Operator = std::array<std::uint8_t, 4>;

    Element::Answer security(dlt645::DataIdentifier id, base::ByteView payload);
    Plain read(base::ByteView data) const;
    Plain relay_control(base::ByteView data);
    Plain write(base::ByteView data);
    Plain freeze(base::ByteView data);
    void broadcast(const dlt645::Frame& request);
    void broadcast_time(base::ByteView data);
    bool obey_order(base::ByteView order, const Operator& who, dlt645::ErrorBit& why);

    base::Millis local() const noexcept { return local_time(state_, around_, state_.source); }
    Readings readings(const Account& account, const MoneyParameters& parameters) const;
    /// What a change in the element means for records and relay. Stores when it means anything.
    void follow_element();
    /// Tells the element what was consumed; only after it is stored here, or it could be charged twice.
    void charge();
    bool save();
    bool commit(MeteringState next);

    dlt645::Address number_;
    Element& element_;
    MeteringState state_;
    Store store_;
    const base::Clock& clock_;
    Surroundings around_;
    Trouble trouble_;
    std::uint64_t unsaved_pulses_ = 0;
    bool unsaved_events_ = false;
    bool tariffs_due_ = false;  ///< switched here, the element is yet to be told
    bool ladder_due_ = false;
};

}  // namespace meter
