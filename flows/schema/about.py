"""What an editor says of each key of a flow, in plain words."""

from __future__ import annotations

HEADER = {
    "flow": "The name of this flow: the same as that of its file, without .yaml.",
    "words": "The language of the words in this file: en for English, sw for Swahili. Every other language has a file "
    "of its own, messages/LANGUAGE/FLOW.yaml.",
    "starts": "How a client comes here: from a menu, by a keyword, or by itself after an event. Without it, only other "
    "flows can run this one.",
    "purpose": "What it is for. It decides which consent is needed and what a client who sends STOP still gets.",
    "who": "Who may use it. With “client with PIN” the PIN is asked once, before the first private screen.",
    "acting for": "For whom this client acts: members of my.groups where my role is leader or treasurer.",
    "hidden from": "Who among the staff never sees the answers: officer, branch.",
    "redial": "What a new call does when the last one broke off here: continue, ask, restart or expire.",
    "without PIN": "The step for a client who has no PIN. Without it, the client is told how to get one.",
    "off": "yes switches this flow off: nobody can reach it. With it, nothing but “flow” needs to stand here.",
    "steps": "The steps, from top to bottom. Each has a name and begins with one of: say, menu, ask, choose, confirm, "
    "split, set, do, run, end.",
}

STARTS = {
    "menu": "The menu that lists this flow: main, settings, requests, or one of your own.",
    "as": "The line in that menu, in double quotes.",
    "shortcut": "The number in the menu and in a deep dial. It never changes.",
    "keywords": "Words that start this flow by SMS: [PAY, LIPA].",
    "event": "What must have happened in the client's life: loan disbursed.",
    "after": "How long after the event: 3 days.",
    "between": "The hours of the day in which clients are invited: 10:00 and 18:00.",
    "to": "How many are invited, and how often each.",
    "invite": "The SMS that invites, in double quotes.",
    "remind": "Whether those who have not answered are reminded: once, after 2 days.",
    "closes": "When it is too late to answer: after 7 days.",
    "every": "The day on which it starts by itself: monday at 09:00.",
    "share": "The share of all clients: 30 %.",
    "each client": "How often one client may be invited: once in 60 days.",
}

STEPS = {
    "say": "Shows these words, and goes on. Words that follow one another come on one screen.",
    "menu": "Asks for one of several answers, each with its key.",
    "ask": "Asks for an answer that is typed: text, an amount, a day, a rating and more.",
    "choose": "Asks for one line of a list from the record, such as the client's accounts.",
    "confirm": "Shows a payment and asks for a yes. Nothing is paid without one.",
    "split": "Divides an amount over the members of a group.",
    "set": "Gives names a value: {payer_phone: contact.phone}.",
    "do": "Runs an action. Each way that it can end leads to a step.",
    "run": "Runs another flow, and comes back.",
    "end": "Shows these words, and ends. With nothing after it, the flow that ran this one goes on.",
}

KEYS = {
    "only if": "The step is skipped unless this holds: full is less.",
    "go to": "The step that comes next, if it is not the one below.",
    "options": "The answers: a name for each, and the words beside its key.",
    "lists": "The menu whose flows are listed here.",
    "saves": "The field of the data dictionary (fields/*.yaml) that keeps the answer: loan.ease.",
    "on timeout": "What happens when the client does not answer in time. Not in force yet.",
    "answer": "What may be typed: its type, and its bounds.",
    "offer": "Ready answers: a name whose value is shown and taken, or other.",
    "from": "The list: my.accounts.",
    "show": "How each line reads, in double quotes.",
    "none": "The step for a client who has nothing of this.",
    "unavailable": "The step for when the list cannot be had right now.",
    "payment": "What is paid, for what, and from which phone.",
    "no": "The step after a no.",
    "over": "The list, one line each: group.members.",
    "each": "What one of them is called here: member.",
    "amount": "What the amount of one is called here: share.",
    "starts at": "The amount that each begins with: member.expected.",
    "change": "The question for the amount of one of them, in double quotes.",
    "done": "The line that ends the list, in double quotes.",
    "with": "What the action is given: {kind: question}.",
    "later": "What the client is told by SMS when it is known, in double quotes.",
    "collect": "The amount: the name of an answer.",
    "for": "The account, or the shares of a split.",
    "wallet": "this phone, or the name of an answer that is a phone number.",
}

ANSWER = {
    "type": "What kind of answer it is.",
    "min": "The least: a value, or the name of something known.",
    "max": "The most: a value, or the name of something known.",
    "required": "no lets the client skip the question.",
    "options": "The answers: a name for each, and the words beside its key.",
    "digits": "How many: 4, or 4 to 6.",
    "of": "What may be sent: [photo, voice, file]. Without it, all of them.",
    "letters": "yes if letters may stand among the figures.",
}
