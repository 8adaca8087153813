"""What the people of a demonstration are called, and what they say. All of it is invented.

Nobody is called like one of the sample people, so that whoever looks for one of those finds nobody else.
"""

from __future__ import annotations

# Given names of women, of men, and family names: of eight parts of the country.
PEOPLES: tuple[tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]], ...] = (
    (
        ("Wangari", "Nyambura", "Wairimu", "Muthoni", "Wangui", "Nyokabi", "Waithera", "Mumbi"),
        ("Kariuki", "Mbugua", "Ngugi", "Gitau", "Karanja", "Macharia"),
        ("Kimani", "Njuguna", "Githinji", "Kinyanjui", "Muriithi", "Waweru", "Gathogo"),
    ),
    (
        ("Adhiambo", "Awuor", "Apiyo", "Anyango", "Auma", "Aoko", "Awino"),
        ("Ochieng", "Odongo", "Owino", "Omondi", "Onyango", "Ouma"),
        ("Oduor", "Ogola", "Odera", "Opiyo", "Ogutu", "Oloo", "Owuor"),
    ),
    (
        ("Nekesa", "Naliaka", "Nasimiyu", "Nanjala", "Nelima", "Khasoa"),
        ("Wafula", "Simiyu", "Makokha", "Wanyama", "Mulongo"),
        ("Wanyonyi", "Khaemba", "Shikuku", "Masinde", "Lusweti", "Sifuna"),
    ),
    (
        ("Jepkosgei", "Cherono", "Jeptoo", "Chepkemoi", "Jelagat", "Chepngetich"),
        ("Kipchumba", "Kiplagat", "Cheruiyot", "Kibet", "Kipkemboi"),
        ("Koech", "Rotich", "Kosgei", "Langat", "Kirui", "Sigei"),
    ),
    (
        ("Mwikali", "Ndanu", "Kanini", "Mueni", "Kalondu", "Ndinda"),
        ("Musyoka", "Kioko", "Muli", "Nzioka", "Kimeu"),
        ("Ndolo", "Mwanzia", "Mutua", "Kilonzo", "Ngila", "Munyao"),
    ),
    (
        ("Kemunto", "Kerubo", "Bosibori", "Nyanchama", "Kwamboka"),
        ("Nyamweya", "Onsongo", "Nyakundi", "Ogeto"),
        ("Momanyi", "Ombati", "Makori", "Nyangau", "Bosire"),
    ),
    (
        ("Mwanaisha", "Zainab", "Rehema", "Saumu", "Fatuma", "Mariamu"),
        ("Hamisi", "Bakari", "Rashid", "Salim", "Omari"),
        ("Mwinyi", "Athumani", "Mwachiro", "Kombo", "Shauri", "Mwakio"),
    ),
    (
        ("Karimi", "Gakii", "Kinya", "Kathambi", "Nkatha"),
        ("Mutwiri", "Kirimi", "Muriuki", "Gitonga"),
        ("Mbaabu", "Mugambi", "Kinoti", "Kaberia", "Nkonge"),
    ),
)
OFFICERS = ("Daniel Kiptoo", "Lucy Gathoni", "Samuel Oluoch", "Mwende Nthiwa")
GROUPS = ("Tumaini", "Neema", "Bidii", "Mshikamano", "Jitihada", "Upendo", "Maendeleo", "Faraja")

# By language: what a client adds to an answer, as it is typed on a keypad.
LIKED = {
    "en": (
        "It is quick now",
        "The officer explains well",
        "Paying by phone saves my bus fare",
        "Good people",
        "Thank you",
        "I see my savings when I want",
        "My shop has grown",
        "Keep the meetings short as now",
        "The sms comes at once",
        "You helped me with school fees",
        "Fair",
    ),
    "sw": (
        "Huduma ni nzuri",
        "Nalipa kwa simu bila kusafiri",
        "Asanteni sana",
        "Afisa anaeleza vizuri",
        "Endeleeni hivyo",
        "Napata ujumbe mara moja",
        "Biashara yangu imekua",
        "Naona akiba yangu wakati wowote",
        "Mmenisaidia na karo",
        "Mko sawa",
    ),
}
WISHED = {
    "en": (
        "The interest is high",
        "I waited three weeks for the loan",
        "Please send the balance by sms",
        "The branch is far from our village",
        "Meetings take the whole morning",
        "Nobody told me of the fee",
        "Change of officers every month",
        "I want to pay after harvest",
        "The group should not pay for one",
    ),
    "sw": (
        "Riba ni kubwa",
        "Nilisubiri wiki tatu kupata mkopo",
        "Ofisi iko mbali na kijiji chetu",
        "Mikutano inachukua muda mrefu",
        "Punguzeni ada",
        "Sikuambiwa kuhusu ada",
        "Afisa hubadilika kila mwezi",
        "Nataka kulipa baada ya mavuno",
    ),
}
COMPLAINED = {
    "staff": ("He shouted at me before the group", "Afisa alinidharau mbele ya kikundi"),
    "bribe": ("I was asked for 500 to get the form", "Niliombwa 300 ili fomu ipite"),
    "service": ("Nobody picks the phone at the branch", "Simu ya ofisi haipokelewi"),
    "other": ("My pass book was never given back", "Kitabu changu hakijarudishwa"),
}
DISPUTED = ("I paid 1500 on Monday and see 1000", "Nililipa mara mbili wiki iliyopita", "The amount is not what I sent")
# What staff write under a case of each kind.
NOTED = {
    "call_back": ("Called: asked when the next instalment is due. Told.", "Called twice, reached at the second try."),
    "complaint": ("Called and listened. The branch manager will speak with the team.", "Visited the client."),
    "fraud": ("Asked for a written statement. The internal auditor has it.", "Two members of the group say the same."),
    "dispute": ("Compared with the wallet's statement: the money is on the account.", "Sent the client the statement."),
    "loan": ("Visited the shop. Income fits the amount.", "Two guarantors signed."),
    "top_up": ("Half of the loan is repaid on time.", "Asked to finish four more instalments first."),
    "withdrawal": ("Identity checked at the branch.", "Called back on the registered number."),
    "interest": ("Called. Comes to the meeting on Thursday.", "Called. Will bring the papers."),
}
CLOSED = {
    "call_back": "spoken to",
    "complaint": "apologised, and agreed with the client what changes",
    "fraud": "handed to the internal auditor; the client was told",
    "dispute": "the client has seen the statement and agrees",
    "loan": "decided, the client was told",
    "top_up": "decided, the client was told",
    "withdrawal": "paid out at the branch",
    "interest": "invited to the next meeting",
}
