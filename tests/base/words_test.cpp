#include "base/words.h"

#include <gtest/gtest.h>

TEST(words, article_follows_the_sound_of_the_noun) {
    for (const char* noun : {"officer", "auditor", "account"}) EXPECT_EQ(base::with_article(noun), "an " + std::string(noun));
    for (const char* noun : {"user", "key", "platform", "UKEY", ""}) EXPECT_EQ(base::with_article(noun), "a " + std::string(noun));
}

TEST(words, one_is_singular_and_all_else_is_plural) {
    EXPECT_EQ(base::counted(1, "event"), "1 event");
    EXPECT_EQ(base::counted(0, "event"), "0 events");
    EXPECT_EQ(base::counted(9, "try", "tries"), "9 tries");
    EXPECT_EQ(base::counted(1, "try", "tries"), "1 try");
}
