#pragma once
#include "meter/esam/esam.h"

namespace meter::esam {

/// The Element of a meter that has no key: every question becomes an APDU. An element that does not answer, or answers what is no
/// answer, is a failed one: refused, never guessed.
class EsamElement final : public Element {
public:
    /// `device` outlives it.
    explicit EsamElement(Device& device) : device_(device) {}

    Answer security(dlt645::DataIdentifier id, base::ByteView fields) override;
    Plain relay_order(base::ByteView fields) override;
    Plain write_parameter(std::uint8_t pa, dlt645::DataIdentifier id, base::ByteView fields) override;
    Account account() const override;
    MoneyParameters parameters() const override;
    base::Status debit(std::uint64_t total) override;
    base::Status switch_prices(bool tariffs, bool ladder) override;
    Card card_begin(base::ByteView serial) override { return card(CardStep::begin, serial); }
    Card card_internal(base::ByteView answer) override { return card(CardStep::internal, answer); }
    Card card_external(base::ByteView challenge) override { return card(CardStep::external, challenge); }
    Card card_random() override { return card(CardStep::random, {}); }
    Card card_file(base::ByteView fields) override { return card(CardStep::file, fields); }
    std::variant<CardCredit, CardRefusal> card_credit(base::Millis now) override;
    Card card_write_back(base::ByteView challenge) override { return card(CardStep::write_back, challenge); }
    void card_refused() override { (void)card(CardStep::refused, {}); }

private:
    struct Response {
        std::uint16_t status = 0;  ///< 0: no answer
        base::Bytes data;
    };
    Response ask(Ins ins, std::uint8_t p1, std::uint8_t p2, base::ByteView data) const;
    Card card(CardStep step, base::ByteView data);

    Device& device_;
    mutable Account account_;             ///< as last heard, for an element that has stopped answering
    mutable MoneyParameters parameters_;
};

}  // namespace meter::esam
