#include "vending/card_sale.h"

#include "base/secret.h"

namespace vending {
namespace {

namespace pb = wire::pb;
using base::Code;

// SUITE.md 1.1, in the order in which they are written.
constexpr std::uint8_t kKeyUsages[] = {0x05, 0x06, 0x02, 0x04};
constexpr std::uint8_t kFactory = 0;
constexpr std::uint8_t kPrivate = 1;

std::string hex(std::string_view bytes) { return base::to_hex(base::as_bytes(bytes)); }

/// The card in the reader, as the card of one meter.
class CardAtStation {
public:
    static base::Result<CardAtStation> find(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter) {
        CardDialogue card(reader);
        KMP_TRY(std::string serial, card.select());
        platform.tell("card " + hex(serial) + " is in reader " + std::string(reader.name()));
        return CardAtStation(platform, card, meter, std::move(serial));
    }
    const std::string& serial() const noexcept { return serial_; }

    /// Both authentications. True: the card is blank; false: it is the meter's.
    base::Result<bool> authenticate(bool blank_first) {
        const std::string random = base::Secret::random(8).reveal([](base::ByteView drawn) { return std::string(base::as_text(drawn)); });
        pb::AuthenticateCard ask;
        ask.set_meter(meter_.number());
        ask.set_serial(serial_);
        ask.set_random(random);
        KMP_TRY(*ask.mutable_answer(), card_.prove_itself(base::as_bytes(random)));
        KMP_TRY(*ask.mutable_challenge(), card_.challenge(8));
        for (const bool blank : {blank_first, !blank_first}) {
            ask.set_factory(blank);
            KMP_TRY(const pb::AuthenticateCardReply reply, platform_.authenticate_card(ask));
            if (!reply.genuine()) continue;
            KMP_CHECK(card_.prove_station(base::as_bytes(reply.response())));
            platform_.tell("card " + hex(serial_) + (blank ? " is blank" : " is a card of meter " + meter_.text()) + "; card and station have proved themselves");
            return blank;
        }
        return base::Error{Code::refused, "card " + hex(serial_) + " is neither blank nor a card of meter " + meter_.text() + ": take the right card or the right --meter"};
    }

    /// Four keys under those in force; they change at once with the fourth.
    base::Status write_keys(bool erase) {
        pb::WriteCardKey ask;
        ask.set_meter(meter_.number());
        ask.set_serial(serial_);
        ask.set_erase(erase);
        for (const std::uint8_t usage : kKeyUsages) {
            ask.set_usage(usage);
            KMP_TRY(*ask.mutable_challenge(), card_.challenge(4));
            KMP_TRY(const pb::WriteCardKeyReply reply, platform_.write_card_key(ask));
            KMP_CHECK(card_.write_key(erase ? kFactory : kPrivate, usage, base::as_bytes(reply.wrapped()), base::as_bytes(reply.mac())));
        }
        platform_.tell(erase ? "the card holds the factory keys again" : "the card holds the keys of meter " + meter_.text());
        return {};
    }

    struct Verified {
        std::string data;
        std::string contradiction;
        std::uint32_t known_count = 0;
    };
    /// A file that lies on the card; one that is not empty is verified by kmpd.
    base::Result<Verified> read(CardFile file) {
        KMP_TRY(const CardDialogue::Read said, card_.read(file, 0, size_of(file)));
        if (is_empty(said.data)) return Verified{said.data, "", 0};
        return verify(file, said);
    }
    /// Also one that is empty, under a random of kmpd's.
    base::Result<Verified> show(CardFile file, const std::string& challenge) {
        KMP_TRY(const CardDialogue::Read said, card_.read(file, 0, size_of(file), challenge));
        return verify(file, said);
    }
    base::Result<Verified> verify(CardFile file, const CardDialogue::Read& said) {
        Verified out{said.data, "", 0};
        pb::ReportCard report;
        report.set_meter(meter_.number());
        report.set_serial(serial_);
        report.set_file(static_cast<std::uint32_t>(file));
        report.set_random(said.random);
        report.set_data(said.data);
        report.set_mac(said.mac);
        KMP_TRY(const pb::ReportCardReply reply, platform_.report_card(report));
        if (!reply.genuine()) return base::Error{Code::tampered, "what was read from card " + hex(serial_) + " is not genuine: its MAC does not hold"};
        out.contradiction = reply.contradiction();
        out.known_count = reply.known_count();
        return out;
    }

    /// What kmpd gives for an order, to be written while the challenge that was drawn for it holds.
    /// `sale`: of the parameters file; none for the wallet.
    base::Result<pb::OrderReply> ask(pb::Order order, pb::CardTarget::File file, const CardSale* sale) {
        pb::CardTarget& target = *order.mutable_card();
        target.set_serial(serial_);
        target.set_file(file);
        if (sale != nullptr) {
            *target.mutable_parameters() = sale->parameters;
            target.set_tariffs_now(sale->tariffs);
            target.set_tariffs_to_come(sale->next_tariffs);
        }
        KMP_TRY(*target.mutable_challenge(), card_.challenge(4));
        KMP_TRY(pb::OrderReply reply, platform_.order(order));
        const std::size_t due = size_of(file == pb::CardTarget::WALLET ? CardFile::wallet : CardFile::parameters);
        if (reply.card_data().size() != due)
            return base::Error{Code::malformed, "kmpd gave " + std::to_string(reply.card_data().size()) + " bytes for a card's file where " + std::to_string(due) + " are due"};
        return reply;
    }
    base::Status write(CardFile file, const pb::OrderReply& reply) { return card_.update(file, 0, base::as_bytes(reply.card_data()), base::as_bytes(reply.card_mac())); }

    /// A whole file that no order gives, in pieces.
    base::Status write(CardFile file, std::string_view content) {
        for (std::size_t offset = 0; offset < content.size(); offset += kMaxCardPiece) {
            pb::WriteCard ask;
            ask.set_meter(meter_.number());
            ask.set_serial(serial_);
            ask.set_file(static_cast<std::uint32_t>(file));
            ask.set_offset(static_cast<std::uint32_t>(offset));
            ask.set_data(std::string(content.substr(offset, kMaxCardPiece)));
            KMP_TRY(*ask.mutable_challenge(), card_.challenge(4));
            KMP_TRY(const pb::WriteCardReply reply, platform_.write_card(ask));
            KMP_CHECK(card_.update(file, offset, base::as_bytes(ask.data()), base::as_bytes(reply.mac())));
        }
        return {};
    }
    base::Status empty(CardFile file) { return write(file, std::string(size_of(file), '\0')); }

private:
    CardAtStation(Platform& platform, CardDialogue card, model::MeterNumber meter, std::string serial)
        : platform_(platform), card_(card), meter_(meter), serial_(std::move(serial)) {}
    Platform& platform_;
    CardDialogue card_;
    model::MeterNumber meter_;
    std::string serial_;
};

/// Wallet and write-back, as far as they decide what may be done.
struct Stock {
    bool wallet_empty = true;
    CardWallet wallet;
    std::optional<WriteBack> write_back;
    std::string contradiction;
    std::uint32_t known_count = 0;
    bool untaken() const { return !wallet_empty && (!write_back || write_back->count != wallet.count); }
};

base::Result<Stock> take_stock(Platform& platform, CardAtStation& card) {
    Stock out;
    KMP_TRY(const auto wallet, card.read(CardFile::wallet));
    out.wallet_empty = is_empty(wallet.data);
    out.wallet = decode_wallet(wallet.data);
    KMP_TRY(const auto write_back, card.read(CardFile::write_back));
    if (!is_empty(write_back.data)) {
        KMP_TRY(out.write_back, decode_write_back(write_back.data));
        out.contradiction = write_back.contradiction;
        out.known_count = write_back.known_count;
        platform.tell("the card's write-back was reported: meter " + out.write_back->meter.text() + ", balance " + out.write_back->balance.yuan() + " yuan, purchase count " + std::to_string(out.write_back->count));
    }
    return out;
}

std::string purchase_on(const Stock& stock) {
    return "purchase count " + std::to_string(stock.wallet.count) + " with " + stock.wallet.amount.yuan() + " yuan";
}

/// Whether the card's meter has taken the order's purchase, by what the card says.
base::Result<bool> has_taken(CardAtStation& card, const Stock& stock, const CardSale& sale, const pb::OrderReply& order) {
    if (!stock.write_back || stock.write_back->count < order.purchase_count()) return false;
    const bool beyond = stock.write_back->count > order.purchase_count();
    if (!sale.repeated && (beyond || sale.kind != pb::REPLACE_CARD))
        return base::Error{Code::conflict, "the meter of card " + hex(card.serial()) + " has purchase count " + std::to_string(stock.write_back->count) + " already, this order has " +
                                               std::to_string(order.purchase_count()) + ": reconcile it before selling again"};
    // A replacement may carry a count that the meter has: it was there only if the card's parameters are the replacement's.
    if (beyond || sale.kind != pb::REPLACE_CARD) return true;
    KMP_TRY(const auto parameters, card.read(CardFile::parameters));
    return is_same_purchase(parameters.data, order.card_data());
}

base::Result<model::CustomerNumber> customer_on(CardAtStation& card) {
    KMP_TRY(const auto file, card.read(CardFile::parameters));
    if (is_empty(file.data)) return base::Error{Code::invalid_argument, "card " + hex(card.serial()) + " names no customer: give --customer"};
    KMP_TRY(const CardParameters parameters, decode_parameters(file.data));
    return parameters.customer;
}

/// Whether a question that failed so may have been heard by kmpd all the same.
bool may_have_reached(Code code) { return code == Code::timeout || code == Code::io_failed || code == Code::outcome_unknown; }

/// `begun` once kmpd has answered the order: whatever fails from then on, the same order finishes it.
base::Result<CardSold> write_sale(Platform& platform, CardAtStation& card, const CardSale& sale, const Stock& stock, CardSold sold, bool& begun) {
    pb::Order order;
    order.set_order_id(sale.order.raw().data(), sale.order.raw().size());
    order.set_kind(sale.kind);
    order.set_meter(sale.meter.number());
    order.set_customer(sold.customer.number());
    order.set_amount_fen(sale.amount.value());
    if (sale.on_step) KMP_CHECK(sale.on_step(sold));
    KMP_TRY(pb::OrderReply reply, card.ask(order, pb::CardTarget::PARAMETERS, &sale));
    begun = true;
    sold.count = reply.purchase_count();
    sold.repeated = reply.repeated();
    sold.receipt = reply.charge().index();
    sold.leaf = reply.charge().leaf_hash();
    if (sale.on_step) KMP_CHECK(sale.on_step(sold));
    platform.tell("kmpd gave purchase count " + std::to_string(sold.count) + (sold.repeated ? " once more, free of charge" : ""));
    KMP_TRY(sold.taken, has_taken(card, stock, sale, reply));
    if (sold.taken) return sold;
    if (stock.untaken() && stock.wallet.count != sold.count)
        return base::Error{Code::refused, "card " + hex(card.serial()) + " holds " + purchase_on(stock) + ", which no meter has taken; this order waits with purchase count " +
                                              std::to_string(sold.count) + ": put the card in its meter first"};
    if (stock.write_back) {
        if (!stock.wallet_empty) KMP_CHECK(card.empty(CardFile::wallet));
        KMP_CHECK(card.empty(CardFile::write_back));
        KMP_TRY(reply, card.ask(order, pb::CardTarget::PARAMETERS, &sale));
    }
    KMP_CHECK(card.write(CardFile::parameters, reply));
    if (!sale.tariffs.empty()) KMP_CHECK(card.write(CardFile::tariffs, sale.tariffs));
    if (!sale.next_tariffs.empty()) KMP_CHECK(card.write(CardFile::next_tariffs, sale.next_tariffs));
    KMP_TRY(const pb::OrderReply wallet, card.ask(order, pb::CardTarget::WALLET, nullptr));
    if (wallet.purchase_count() != sold.count) return base::Error{Code::malformed, "kmpd gave one order two purchase counts"};
    KMP_CHECK(card.write(CardFile::wallet, wallet));
    sold.amount = decode_wallet(wallet.card_data()).amount;
    platform.tell("the card holds " + sold.amount.yuan() + " yuan under purchase count " + std::to_string(sold.count));
    return sold;
}

}  // namespace

base::Result<CardSold> sell_card(Platform& platform, pcsc::CardReader& reader, const CardSale& sale) {
    KMP_TRY(CardAtStation card, CardAtStation::find(platform, reader, sale.meter));
    CardSold sold;
    sold.serial = hex(card.serial());
    const bool takes_blank = sale.kind != pb::RECHARGE;
    KMP_TRY(sold.personalised, card.authenticate(takes_blank));
    if (sold.personalised) {
        if (!takes_blank)
            return base::Error{Code::refused, "card " + sold.serial + " is blank: a purchase goes on the customer's own card; 'card sell --open' opens an account with a blank one, 'card replace' makes one in the place of a lost card"};
        KMP_CHECK(card.write_keys(false));
        KMP_TRY(const bool still_blank, card.authenticate(false));
        if (still_blank) return base::Error{Code::io_failed, "card " + sold.serial + " did not take the keys of meter " + sale.meter.text() + ": take another card"};
    }
    KMP_TRY(const Stock stock, take_stock(platform, card));
    if (!stock.contradiction.empty())
        return base::Error{Code::refused, "what card " + sold.serial + " brings back from its meter contradicts the log: " + stock.contradiction + "; nothing was sold: let an officer look into it, then erase and replace the card"};
    if (stock.untaken() && !sale.repeated)
        return base::Error{Code::refused, "card " + sold.serial + " holds " + purchase_on(stock) + ", which no meter has taken: put it in its meter first; a sale that was cut is finished with its --order-id"};
    if (sale.customer) {
        sold.customer = *sale.customer;
    } else {
        KMP_TRY(sold.customer, customer_on(card));
    }
    sold.amount = sale.amount;
    bool begun = false;
    auto done = write_sale(platform, card, sale, stock, std::move(sold), begun);
    if (done) return done;
    base::Error error = std::move(done).error();
    if (begun || may_have_reached(error.code)) error.message += "; repeat it with --order-id " + sale.order.text();
    return error;
}

base::Status take_off_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, std::uint32_t count, const std::string& challenge) {
    KMP_TRY(CardAtStation card, CardAtStation::find(platform, reader, meter));
    KMP_TRY(const bool blank, card.authenticate(false));
    if (blank) return {Code::refused, "card " + hex(card.serial()) + " is blank, and tells nothing of meter " + meter.text() + ": with the meter on a line, void it with --line"};
    KMP_TRY(const Stock stock, take_stock(platform, card));
    if (stock.write_back && stock.write_back->count >= count)
        return {Code::conflict, "the meter of card " + hex(card.serial()) + " has taken purchase count " + std::to_string(stock.write_back->count) + ": nothing is voided"};
    // The wallet alone: the write-back is what tells that the meter has not taken it. Another purchase that lies there stays.
    if (!stock.wallet_empty && stock.wallet.count == count) KMP_CHECK(card.empty(CardFile::wallet));
    KMP_CHECK(card.show(CardFile::wallet, challenge));
    KMP_CHECK(card.show(CardFile::write_back, challenge));
    platform.tell("the card does not hold the order any more, and was not in its meter with it");
    return {};
}

base::Result<CardSeen> read_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter) {
    KMP_TRY(CardAtStation card, CardAtStation::find(platform, reader, meter));
    CardSeen out;
    out.serial = hex(card.serial());
    KMP_TRY(out.blank, card.authenticate(false));
    if (out.blank) return out;
    KMP_TRY(const auto parameters, card.read(CardFile::parameters));
    if (!is_empty(parameters.data)) {
        KMP_TRY(out.parameters, decode_parameters(parameters.data));
    }
    KMP_TRY(Stock stock, take_stock(platform, card));
    out.wallet = stock.wallet;
    out.untaken = stock.untaken();
    out.write_back = stock.write_back;
    out.contradiction = stock.contradiction;
    out.known_count = stock.known_count;
    return out;
}

base::Result<CardSeen> erase_card(Platform& platform, pcsc::CardReader& reader, model::MeterNumber meter, bool lose_purchase) {
    KMP_TRY(CardAtStation card, CardAtStation::find(platform, reader, meter));
    CardSeen out;
    out.serial = hex(card.serial());
    KMP_TRY(out.blank, card.authenticate(false));
    if (out.blank) return out;
    KMP_TRY(const Stock stock, take_stock(platform, card));
    out.wallet = stock.wallet;
    out.untaken = stock.untaken();
    out.write_back = stock.write_back;
    out.contradiction = stock.contradiction;
    out.known_count = stock.known_count;
    if (out.untaken && !lose_purchase)
        return base::Error{Code::refused, "card " + out.serial + " holds " + purchase_on(stock) + ", which no meter has taken: put it in its meter first, or give --lose-purchase; 'card replace' then carries it on"};
    for (const CardFile file : {CardFile::wallet, CardFile::parameters, CardFile::tariffs, CardFile::next_tariffs, CardFile::write_back}) KMP_CHECK(card.empty(file));
    KMP_CHECK(card.write_keys(true));
    return out;
}

}  // namespace vending
