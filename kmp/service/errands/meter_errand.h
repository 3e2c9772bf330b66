#pragma once
#include "kmp/service/errand.h"
#include "kmp/service/keys_held.h"

namespace kmp::service {

/// What every request about one meter has in common.
class MeterErrand : public Errand {
public:
    void abandon(Books&) override {}
    void describe(audit::Event& event) const override {
        event.value(audit::Field::operation, operation());
        if (read_) event.number(audit::Field::meter, meter_.number());
    }

protected:
    base::Result<model::Ask> ask_about(const Caller& caller, std::uint64_t meter) {
        KMP_TRY(meter_, model::MeterNumber::assigned(meter));
        read_ = true;
        // Before the books are looked at: a refusal must not tell about meters that this grant has nothing to do with.
        KMP_CHECK(caller.covers(operation(), meter_));
        model::Ask ask;
        ask.operation = operation();
        ask.classes = suite::classes_for(operation());
        ask.meter = meter_;
        return ask;
    }
    audit::Event event(audit::EventType type, const Caller& caller) const {
        audit::Event e(type);
        caller.describe(e);
        e.number(audit::Field::meter, meter_.number());
        return e;
    }
    /// The version of the private keys in the meter, as far as we know; otherwise the newest that the caller's UKEY can serve; 0: none.
    static base::Result<model::KeyVersion> private_version(const Caller& caller, Books& books, model::MeterNumber meter) {
        KMP_TRY(const auto* entry, books.meters.find(meter));
        if (entry->meter.state == model::KeyState::production && entry->meter.version != 0) return entry->meter.version;
        return newest_usable(caller.record(), books.key_sets, served_classes(caller.record()));
    }
    /// The private keys of the meter in a set, for what `wanted` classes do. key_missing.
    base::Result<suite::MeterKeys> keys_of(const Caller& caller, Books& books, model::KeyVersion set, model::ClassSet wanted) const {
        return private_keys(caller.record(), books.key_sets, set, wanted, meter_);
    }
    /// The wallet has begun anew since the meter had keys of this version: cards sold under them would revive.
    base::Error too_old(model::KeyVersion version, model::KeyVersion least) const {
        return {base::Code::refused, "keys: the wallet of meter " + meter_.text() + " was initialised, and takes keys of version " + std::to_string(least) + " or newer, not " + std::to_string(version)};
    }
    /// For what is answered under the meter's random number and charges nothing.
    base::Status paced(Books& books, base::Millis now) const {
        KMP_TRY(auto* entry, books.meters.find(meter_));
        return entry->pace.take(meter_, now);
    }
    model::MeterNumber meter_;
    bool read_ = false;
};

}  // namespace kmp::service
