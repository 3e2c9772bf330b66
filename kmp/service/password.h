#pragma once
#include "kmp/service/service.h"

/// Passwords of network accounts. What is kept of one is Argon2id(password, salt), then the platform UKEY's HMAC of it: the database
/// alone does not say whether a guess is right.
namespace kmp::service {

/// What a password is stretched with. For an account that is not there, or has none, another that is as good: nobody is told by the time it takes.
/// Thread: the I/O thread.
base::Bytes password_salt(const Books& books, const std::string& account);

struct JudgedPassword {
    base::Status answer;         ///< wrong_pin: in the same words for a wrong name, a wrong password and an account that is locked or has no password
    std::optional<Entry> entry;  ///< to be written before the answer is given
};
/// Compares in constant time; a wrong one is counted in the books at once, and the tenth locks. Thread: the I/O thread.
JudgedPassword judge_password(Books& books, const std::string& account, const base::Secret& peppered, const Peer& peer);

}  // namespace kmp::service
