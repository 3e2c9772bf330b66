<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="en_GB" sourcelanguage="en">
<context>
    <name>ui::home::HomePage</name>
    <message numerus="yes">
        <source>%n request(s) wait for officers</source>
        <translation>
            <numerusform>%n request waits for officers</numerusform>
            <numerusform>%n requests wait for officers</numerusform>
        </translation>
    </message>
</context>
</TS>
