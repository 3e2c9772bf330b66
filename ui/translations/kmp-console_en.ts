<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en">
<context>
    <name>alarms</name>
    <message numerus="yes">
        <source>%n UKEY(s) will end soon.</source>
        <translation>
            <numerusform>%n UKEY will end soon.</numerusform>
            <numerusform>%n UKEYs will end soon.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n more warning(s)</source>
        <translation>
            <numerusform>%n more warning</numerusform>
            <numerusform>%n more warnings</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>approvals</name>
    <message numerus="yes">
        <source>%n more officer(s) must agree.</source>
        <translation>
            <numerusform>%n more officer must agree.</numerusform>
            <numerusform>%n more officers must agree.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>stations</name>
    <message numerus="yes">
        <source>%n session(s) of it end now.</source>
        <translation>
            <numerusform>%n session of it ends now.</numerusform>
            <numerusform>%n sessions of it end now.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::home::HomePage</name>
    <message numerus="yes">
        <source>%n request(s) wait for officers</source>
        <translation>
            <numerusform>%n request waits for officers</numerusform>
            <numerusform>%n requests wait for officers</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n event(s)</source>
        <translation>
            <numerusform>%n event</numerusform>
            <numerusform>%n events</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::keys::RevocationView</name>
    <message numerus="yes">
        <source>%n certificate(s)</source>
        <translation>
            <numerusform>%n certificate</numerusform>
            <numerusform>%n certificates</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::log::LogPage</name>
    <message numerus="yes">
        <source>%n new event(s)</source>
        <translation>
            <numerusform>%n new event</numerusform>
            <numerusform>%n new events</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n found</source>
        <translation>
            <numerusform>%n found</numerusform>
            <numerusform>%n found</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::stations::AccountsView</name>
    <message numerus="yes">
        <source>%n wrong one(s) since the last right one</source>
        <translation>
            <numerusform>%n wrong one since the last right one</numerusform>
            <numerusform>%n wrong ones since the last right one</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ui::stations::StationsPage</name>
    <message numerus="yes">
        <source>%n session(s) on %1 connections</source>
        <translation>
            <numerusform>%n session on %1 connections</numerusform>
            <numerusform>%n sessions on %1 connections</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>ukeys</name>
    <message numerus="yes">
        <source>It works. %n wrong PIN(s) since the last right one; the tenth blocks it.</source>
        <translation>
            <numerusform>It works. %n wrong PIN since the last right one; the tenth blocks it.</numerusform>
            <numerusform>It works. %n wrong PINs since the last right one; the tenth blocks it.</numerusform>
        </translation>
    </message>
    <message numerus="yes">
        <source>%n network account(s) that use it stop working.</source>
        <translation>
            <numerusform>%n network account that uses it stops working.</numerusform>
            <numerusform>%n network accounts that use it stop working.</numerusform>
        </translation>
    </message>
</context>
<context>
    <name>verdict</name>
    <message numerus="yes">
        <source>%n more finding(s)</source>
        <translation>
            <numerusform>%n more finding</numerusform>
            <numerusform>%n more findings</numerusform>
        </translation>
    </message>
</context>
</TS>
