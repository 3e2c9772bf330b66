#include "meter/household.h"

#include "meter/high_grade_meter.h"
#include "meter/low_grade_meter.h"

namespace meter {
namespace {

/// A meter that owns what it lives in.
class LowGradeHome final : public Meter {
public:
    LowGradeHome(MeterState state, StateFile file, const base::Clock& clock, const base::Clock& true_time, const MeterSettings& settings, Trouble trouble)
        : file_(std::move(file)), meter_(std::move(state), file_, clock, true_time, settings, std::move(trouble)) {}
    std::optional<dlt645::Frame> answer(const dlt645::Frame& request) override { return meter_.answer(request); }
    const dlt645::Address& number() const noexcept override { return meter_.number(); }
    PrepaymentMeter& program() noexcept override { return meter_.program(); }

private:
    StateFile file_;
    LowGradeMeter meter_;
};

class HighGradeHome final : public Meter {
public:
    HighGradeHome(const dlt645::Address& number, MeteringState state, SecurityState element, StateFile file, StateFile element_file,
                  const base::Clock& clock, const base::Clock& true_time, const MeterSettings& settings, const Trouble& trouble)
        : file_(std::move(file)), element_file_(std::move(element_file)),
          esam_(std::move(element), element_file_, true_time, settings.authentication_validity, trouble),
          meter_(number, std::move(state), esam_, file_, clock, settings, trouble) {}
    std::optional<dlt645::Frame> answer(const dlt645::Frame& request) override { return meter_.answer(request); }
    const dlt645::Address& number() const noexcept override { return meter_.number(); }
    PrepaymentMeter& program() noexcept override { return meter_.program(); }

private:
    StateFile file_;
    StateFile element_file_;
    esam::Esam esam_;
    HighGradeMeter meter_;
};

base::Error another(const std::string& path, const dlt645::Address& stored, const dlt645::Address& wanted) {
    return {base::Code::conflict, path + " holds meter " + stored.text() + ", not " + wanted.text()};
}

bool wish_for(SecurityState& state, const Household::Wish& wish) {
    const Wallet wallet = state.wallet;
    const MoneyParameters parameters = state.parameters;
    state.wallet.hoarding_limit = wish.hoarding_limit.value_or(wallet.hoarding_limit);
    state.parameters.overdraft_limit = wish.overdraft_limit.value_or(parameters.overdraft_limit);
    return state.wallet != wallet || state.parameters != parameters;
}

bool missing(const base::Error& error) noexcept { return error.code == base::Code::not_found; }

}  // namespace

base::Result<std::unique_ptr<Meter>> Household::wake(const dlt645::Address& number, const std::string& path, const Wish& wish,
                                                     const base::Clock& clock, const base::Clock& true_time, const MeterSettings& settings,
                                                     Trouble trouble) {
    KMP_CHECK(check_number(number));
    KMP_TRY(StateFile file, StateFile::claim(path));
    const auto kind = kind_of(path);
    if (!kind && !missing(kind.error())) return kind.error();
    const RecordKind wanted = wish.high_grade ? RecordKind::high_grade : RecordKind::low_grade;
    if (kind && *kind != wanted)
        return base::Error{base::Code::conflict, path + " holds no " + (wish.high_grade ? "high" : "low") + "-grade meter: give the other --grade or another file"};
    if (!wish.high_grade) {
        auto state = kind ? load_low_grade(path) : base::Result<MeterState>(MeterState::fresh(number));
        if (!state) return std::move(state).error();
        if (state->security.number != number) return another(path, state->security.number, number);
        if (wish_for(state->security, wish) || !kind) KMP_CHECK(file.save(encode_low_grade(state->security, state->metering)));
        return std::unique_ptr<Meter>(std::make_unique<LowGradeHome>(std::move(*state), std::move(file), clock, true_time, settings, std::move(trouble)));
    }
    KMP_TRY(StateFile element_file, StateFile::claim(element_path(path)));
    auto element = load_element(element_path(path));
    // A new meter writes its element first, so a lone element file is one that was cut short; a lone meter file has lost its keys.
    if (!element && (kind || !missing(element.error()))) return std::move(element).error();
    if (!element) element = SecurityState::fresh(number, kHighGradeKeys);
    if (element->number != number) return another(element_path(path), element->number, number);
    auto stored = kind ? load_high_grade(path) : base::Result<std::pair<dlt645::Address, MeteringState>>(std::pair(number, MeteringState{}));
    if (!stored) return std::move(stored).error();
    if (stored->first != number) return another(path, stored->first, number);
    if (wish_for(*element, wish) || !kind) KMP_CHECK(element_file.save(encode_element(*element)));
    if (!kind) KMP_CHECK(file.save(encode_high_grade(number, stored->second)));
    return std::unique_ptr<Meter>(std::make_unique<HighGradeHome>(number, std::move(stored->second), std::move(*element), std::move(file),
                                                                  std::move(element_file), clock, true_time, settings, trouble));
}

base::Result<Report> Household::look(const std::string& path) {
    KMP_TRY(const RecordKind kind, kind_of(path));
    KMP_TRY(SecurityState security, security_of(path));
    Report out;
    out.high_grade = kind == RecordKind::high_grade;
    if (out.high_grade) {
        KMP_TRY(auto stored, load_high_grade(path));
        out.metering = std::move(stored.second);
    } else {
        KMP_TRY(MeterState stored, load_low_grade(path));
        out.metering = std::move(stored.metering);
    }
    const base::SystemClock now;
    out.number = security.number;
    // Asked of a core of its own: what it says of an account is said in one place.
    const SecurityCore core(std::move(security), [](const SecurityState&) { return base::Status(); }, now, base::kMinute);
    out.account = core.account();
    out.parameters = core.parameters();
    out.local = out.metering.source == 0 ? 0 : local_time(out.metering, out.around, out.metering.source);
    return out;
}

base::Result<SecurityState> Household::security_of(const std::string& path) {
    KMP_TRY(const RecordKind kind, kind_of(path));
    if (kind == RecordKind::high_grade) return load_element(element_path(path));
    if (kind == RecordKind::element) return load_element(path);
    KMP_TRY(MeterState stored, load_low_grade(path));
    return std::move(stored.security);
}

}  // namespace meter
