#include "meter/card/slot.h"

namespace meter::card {
namespace {

constexpr std::string_view kReaderPrefix = "pcsc:";
constexpr std::chrono::seconds kPatience{10};

}  // namespace

base::Result<std::unique_ptr<DirectSlot>> DirectSlot::insert(const std::string& path) {
    if (const auto there = load_card(path); !there) return there.error();
    KMP_TRY(CardFile file, CardFile::claim(path));
    // Another reader may have written between the first look, which spares a lock file where there is no card, and the claim.
    KMP_TRY(CardState state, load_card(path));
    return std::unique_ptr<DirectSlot>(new DirectSlot(path, std::move(file), std::move(state)));
}

base::Result<std::unique_ptr<pcsc::CardReader>> open_slot(const std::string& name) {
    if (name.starts_with(kReaderPrefix)) return pcsc::open_reader(std::string_view(name).substr(kReaderPrefix.size()), kPatience);
    KMP_TRY(auto slot, DirectSlot::insert(name));
    return std::unique_ptr<pcsc::CardReader>(std::move(slot));
}

base::Result<base::Bytes> SlotOfMeter::transmit(base::ByteView apdu) {
    ++apdus_;
    present_ = present_ && apdus_ != pull_.at;
    if (!present_) return {base::Code::not_found, "the card was pulled"};
    auto answer = reader_->transmit(apdu);
    present_ = answer && apdus_ != pull_.after;
    if (answer && !present_) return {base::Code::not_found, "the card was pulled"};
    return answer;
}

}  // namespace meter::card
