#pragma once
#include "meter/card/card.h"
#include "meter/card/pull.h"
#include "meter/card_slot.h"
#include "pcsc/card_reader.h"

namespace meter::card {

/// A card of this process, as a reader has it: what a meter's slot, or a test of a station, reaches without PC/SC.
class DirectSlot final : public pcsc::CardReader {
public:
    /// Puts the card that lives in `path` into the slot, powered. errors as CardFile::claim and load_card
    static base::Result<std::unique_ptr<DirectSlot>> insert(const std::string& path);

    base::Result<base::Bytes> transmit(base::ByteView apdu) override { return card_.answer(apdu); }
    std::string_view name() const noexcept override { return name_; }
    const Card& card() const noexcept { return card_; }

private:
    DirectSlot(std::string path, CardFile file, CardState state) : name_(std::move(path)), file_(std::move(file)), card_(std::move(state), file_) {}
    std::string name_;
    CardFile file_;
    Card card_;
};

/// Where a meter finds a card: "pcsc:READER" (waits for a card there), or the path of a card's file.
/// errors: those of pcsc::open_reader and of DirectSlot::insert
base::Result<std::unique_ptr<pcsc::CardReader>> open_slot(const std::string& name);

/// What a meter's insertion takes: the card of an opened slot, until it is pulled.
class SlotOfMeter final : public CardSlot {
public:
    explicit SlotOfMeter(std::unique_ptr<pcsc::CardReader> reader, const Pull& pull = {}) : reader_(std::move(reader)), pull_(pull) {}
    bool present() const override { return present_; }
    base::Result<base::Bytes> transmit(base::ByteView apdu) override;

private:
    std::unique_ptr<pcsc::CardReader> reader_;
    Pull pull_;
    unsigned apdus_ = 0;
    bool present_ = true;
};

}  // namespace meter::card
