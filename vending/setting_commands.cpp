#include "base/fd.h"
#include "vending/reading.h"
#include "vending/setting.h"
#include "vending/vend_station.h"

namespace vending {
namespace {

using base::Code;
using nlohmann::ordered_json;

constexpr std::size_t kLargestTariff = 256 * 1024;

base::Status set_all(const VendArguments& a, VendRequest& request, const std::vector<Setting>& settings) {
    KMP_TRY(Station station, open_station(a, request));
    Dialogue meter(station.line, station.meter);
    std::size_t written = 0;
    auto done = write_settings(station.platform, meter, settings, written);
    if (!done)
        return base::Error{done.error().code, done.error().message + "; " + std::to_string(written) + " of " + std::to_string(settings.size()) + " were set before it; the same command sets them all again", done.error().raw};
    ordered_json set = ordered_json::array();
    std::string text;
    for (const Setting& s : settings) {
        set.push_back({{"what", s.what}, {"identifier", s.where.text()}, {"class", s.parameter_class}, {"data", base::to_hex(s.field)}});
        text += (text.empty() ? "" : "; ") + s.what;
    }
    return show(a, {{"meter", station.meter.text()}, {"set", set}}, "Meter " + station.meter.text() + " holds, read again: " + text + ".\n");
}

}  // namespace

base::Status parameters_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(const auto settings, read_parameters(a.values, a.parameter_class, local_clock()));
    return set_all(a, request, settings);
}

base::Status tariff_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(const base::Bytes content, base::read_file(a.file, kLargestTariff));
    KMP_TRY(const auto settings, read_tariff(a.file, content, local_clock()));
    return set_all(a, request, settings);
}

base::Status read_command(const VendArguments& a, VendRequest request) {
    KMP_TRY(Line line, Line::open(a.line));
    model::MeterNumber number;
    if (request.meter) {
        number = *request.meter;
    } else {
        KMP_TRY(number, Dialogue::read_address(line));
    }
    Dialogue meter(line, number);
    ordered_json document{{"meter", number.text()}};
    std::string text;
    for (const std::string& name : a.values) {
        KMP_TRY(const Reading reading, read_register(meter, name));
        document[name] = reading.value;
        text += (text.empty() ? "" : ", ") + reading.words;
    }
    return show(a, document, "Meter " + number.text() + " says: " + text + ".\n");
}

}  // namespace vending
