#include "meter/insertion.h"

#include <algorithm>

#include "meter/card_files.h"
#include "meter/describe.h"

namespace meter {
namespace {

constexpr std::uint8_t kShortId = 0x80;
constexpr std::size_t kMac = 4;

/// One insertion. Every step that fails leaves in `out` why, and an error that only ends the procedure.
class Reader {
public:
    Reader(Element& element, CardSlot& slot) : element_(element), slot_(slot) {}
    Insertion out;

    base::Status run(base::Millis local) {
        KMP_TRY(const base::Bytes serial, introduce());
        KMP_TRY(const base::Bytes random, said(element_.card_begin(serial)));
        KMP_TRY(const base::Bytes answer, command({0x00, 0x88, 0x00, 0x01}, random, 8));
        KMP_CHECK(said(element_.card_internal(answer)));
        KMP_TRY(const base::Bytes challenge, command({0x00, 0x84, 0x00, 0x00}, {}, 8));
        KMP_TRY(const base::Bytes proof, said(element_.card_external(challenge)));
        KMP_CHECK(command({0x00, 0x82, 0x00, 0x02}, proof, std::nullopt, 0, CardRefusal::authentication));
        for (const std::uint8_t id : {card_files::kWriteBack, card_files::kParameters, card_files::kWallet}) KMP_CHECK(read(id));
        KMP_CHECK(credit(local));
        return write_back();
    }

private:
    using Head = std::array<std::uint8_t, 4>;

    base::Result<base::Bytes> introduce() {
        KMP_CHECK(command({0x00, 0xA4, 0x00, 0x00}, {0x3F, 0x00}, std::nullopt));
        KMP_TRY(base::Bytes serial, command({0x00, 0xB0, 0x99, 0x01}, {}, 8));
        std::copy(serial.begin(), serial.end(), out.serial.begin());
        KMP_CHECK(command({0x00, 0xA4, 0x00, 0x00}, {0xDF, 0x01}, std::nullopt));
        return serial;
    }

    /// A whole file, in as many pieces as it takes. The update flag of the parameters says which tariff files are wanted.
    base::Status read(std::uint8_t id) {
        base::Bytes whole;
        const std::size_t size = card_files::size_of(id);
        while (whole.size() < size) {
            const std::size_t piece = std::min(card_files::kPiece, size - whole.size());
            const Head head{0x04, 0xB0, static_cast<std::uint8_t>(kShortId | id), static_cast<std::uint8_t>(whole.size())};
            KMP_TRY(const base::Bytes random, said(element_.card_random()));
            KMP_TRY(const base::Bytes got, command(head, random, piece, kMac));
            base::Bytes fields{head[2], head[3]};
            fields.insert(fields.end(), got.begin(), got.end());
            KMP_CHECK(said(element_.card_file(fields)));
            whole.insert(whole.end(), got.begin(), got.end() - kMac);
        }
        if (id != card_files::kParameters) return {};
        const auto parameters = card_files::parse_parameters(whole);  // a broken one is the element's to refuse
        const std::uint8_t flags = parameters ? parameters->flags : 0;
        if (flags & (card_files::kFlagTariffsNow | card_files::kFlagLadderNow)) KMP_CHECK(read(card_files::kTariffsNow));
        if (flags & (card_files::kFlagTariffsToCome | card_files::kFlagLadderToCome)) KMP_CHECK(read(card_files::kTariffsToCome));
        return {};
    }

    base::Status credit(base::Millis local) {
        const Wallet before = element_.account().wallet;
        const auto done = element_.card_credit(local);
        if (const auto* why = std::get_if<CardRefusal>(&done)) return refused(*why);
        out.credit = std::get<CardCredit>(done);
        out.known = before.open && out.credit->count == before.count;
        return {};
    }

    base::Status write_back() {
        KMP_TRY(const base::Bytes challenge, command({0x00, 0x84, 0x00, 0x00}, {}, 4));
        KMP_TRY(const base::Bytes sealed, said(element_.card_write_back(challenge)));
        KMP_CHECK(command({0x04, 0xD6, kShortId | card_files::kWriteBack, 0x00}, sealed, std::nullopt));
        out.written_back = true;
        return {};
    }

    base::Error refused(CardRefusal why) {
        out.refusal = why;
        return {base::Code::refused, std::string(name(why))};
    }

    base::Result<base::Bytes> said(Element::Card answer) {
        if (const auto* why = std::get_if<CardRefusal>(&answer)) return refused(*why);
        return std::get<base::Bytes>(std::move(answer));
    }

    /// The data of a response that must be 9000 and, where any is expected, have this length (and `more` behind it). A card that
    /// answers otherwise is refused for `why`.
    base::Result<base::Bytes> command(const Head& head, const base::Bytes& data, std::optional<std::size_t> expected, std::size_t more = 0,
                                      CardRefusal why = CardRefusal::wrapper) {
        base::Bytes apdu(head.begin(), head.end());
        if (!data.empty()) {
            apdu.push_back(static_cast<std::uint8_t>(data.size()));
            apdu.insert(apdu.end(), data.begin(), data.end());
        }
        if (expected) apdu.push_back(static_cast<std::uint8_t>(*expected));
        auto response = slot_.present() ? slot_.transmit(apdu) : base::Result<base::Bytes>(base::Code::not_found, "there is no card");
        if (!response || response->size() < 2) {
            out.pulled = true;
            return base::Error{base::Code::not_found, "the card was pulled"};
        }
        const bool done = (*response)[response->size() - 2] == 0x90 && response->back() == 0x00;
        response->resize(response->size() - 2);
        if (done && response->size() == expected.value_or(0) + more) return std::move(*response);
        if (out.credit) return refused(CardRefusal::write_back);  // the credit stands; the card is not to blame for a copy of it
        element_.card_refused();
        return refused(why);
    }

    Element& element_;
    CardSlot& slot_;
};

}  // namespace

Insertion read_card(Element& element, CardSlot& slot, base::Millis local) {
    Reader reader(element, slot);
    (void)reader.run(local);  // `out` says it all
    return reader.out;
}

std::string Insertion::text() const {
    std::string out;
    if (credit && known) out = "known already, nothing credited";
    if (credit && !known) out = "credited " + yuan(credit->amount) + " yuan, purchase count " + std::to_string(credit->count);
    if (!refusal && !pulled) return out;
    if (!out.empty()) out += ", but not written back: ";
    return out + (pulled ? "the card was pulled early: insert it again" : "the card was refused: " + std::string(name(*refusal)));
}

}  // namespace meter
