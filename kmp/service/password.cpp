#include "kmp/service/password.h"

#include "tokens/pin.h"

namespace kmp::service {

using audit::Event;
using audit::EventType;
using audit::Field;
using base::Code;

base::Bytes password_salt(const Books& books, const std::string& account) {
    if (const auto found = books.accounts.find(account); found != books.accounts.end() && found->second.account.password) return found->second.salt;
    const base::Digest d = base::sha256({base::as_bytes("kmp/v1/no-account"), base::as_bytes(account)});
    return base::Bytes(d.begin(), d.begin() + 16);
}

JudgedPassword judge_password(Books& books, const std::string& name, const base::Secret& peppered, const Peer& peer) {
    const auto found = books.accounts.find(name);
    AccountRecord* record = found == books.accounts.end() ? nullptr : &found->second;
    static const base::Bytes nobodys(32, 0);
    const bool has_one = record != nullptr && record->account.password;
    const bool same = peppered.reveal([&](base::ByteView p) { return base::equal_constant_time(p, has_one ? record->verifier : nobodys); });
    if (has_one && same && !record->locked()) {
        if (record->wrong == 0) return {};
        record->wrong = 0;
        Entry forget;
        forget.effect = [name](store::Transaction& t, const audit::Receipt&) { return accounts::set_wrong(t, name, 0); };
        return {{}, std::move(forget)};
    }
    Entry entry;
    Event failed(EventType::pin_failed);
    peer.describe_actor(failed);
    failed.text(Field::account, name);
    if (record == nullptr) failed.text(Field::detail, "there is no such account");
    else failed.text(Field::ukey, record->account.ukey.text());
    if (record != nullptr && !has_one) failed.text(Field::detail, "it has no password");
    if (has_one && record->locked()) failed.text(Field::detail, "it is locked");
    const bool counts = has_one && !record->locked();
    if (counts) failed.number(Field::wrong_pins, ++record->wrong);
    entry.events.push_back(std::move(failed));
    if (counts && record->locked()) {
        Event locked(EventType::account_state_changed);
        locked.text(Field::account, name).value(Field::account_change, model::AccountChange::lock).number(Field::wrong_pins, record->wrong).text(Field::reason, "too many wrong passwords").text(Field::ukey, record->account.ukey.text());
        peer.describe_actor(locked);
        entry.events.push_back(std::move(locked));
    }
    if (counts) entry.effect = [name, count = record->wrong](store::Transaction& t, const audit::Receipt&) { return accounts::set_wrong(t, name, count); };
    return {{Code::wrong_pin, "account: the name or the password is wrong, or 10 wrong passwords have locked the account; ask the officer to reset it"}, std::move(entry)};
}

}  // namespace kmp::service
