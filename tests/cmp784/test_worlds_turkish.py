import pytest

from cmp784.worlds import WorldError, turkish

# Nominative: genitive, accusative, dative, locative, ablative, plural, possessive.
FORMS = """
ev       evin      evi      eve      evde     evden     evler      evi
okul     okulun    okulu    okula    okulda   okuldan   okullar    okulu
kitap    kitabın   kitabı   kitaba   kitapta  kitaptan  kitaplar   kitabı
ağaç     ağacın    ağacı    ağaca    ağaçta   ağaçtan   ağaçlar    ağacı
göl      gölün     gölü     göle     gölde    gölden    göller     gölü
araba    arabanın  arabayı  arabaya  arabada  arabadan  arabalar   arabası
renk     rengin    rengi    renge    renkte   renkten   renkler    rengi
çocuk    çocuğun   çocuğu   çocuğa   çocukta  çocuktan  çocuklar   çocuğu
köpek    köpeğin   köpeği   köpeğe   köpekte  köpekten  köpekler   köpeği
su       suyun     suyu     suya     suda     sudan     sular      suyu
saat     saatin    saati    saate    saatte   saatten   saatler    saati
kare     karenin   kareyi   kareye   karede   kareden   kareler    karesi
daire    dairenin  daireyi  daireye  dairede  daireden  daireler   dairesi
üçgen    üçgenin   üçgeni   üçgene   üçgende  üçgenden  üçgenler   üçgeni
şekil    şeklin    şekli    şekle    şekilde  şekilden  şekiller   şekli
resim    resmin    resmi    resme    resimde  resimden  resimler   resmi
burun    burnun    burnu    burna    burunda  burundan  burunlar   burnu
vakit    vaktin    vakti    vakte    vakitte  vakitten  vakitler   vakti
kalp     kalbin    kalbi    kalbe    kalpte   kalpten   kalpler    kalbi
gol      golün     golü     gole     golde    golden    goller     golü
hak      hakkın    hakkı    hakka    hakta    haktan    haklar     hakkı
at       atın      atı      ata      atta     attan     atlar      atı
top      topun     topu     topa     topta    toptan    toplar     topu
süt      sütün     sütü     süte     sütte    sütten    sütler     sütü
kanat    kanadın   kanadı   kanada   kanatta  kanattan  kanatlar   kanadı
bilet    biletin   bileti   bilete   bilette  biletten  biletler   bileti
kuş      kuşun     kuşu     kuşa     kuşta    kuştan    kuşlar     kuşu
kedi     kedinin   kediyi   kediye   kedide   kediden   kediler    kedisi
ütü      ütünün    ütüyü    ütüye    ütüde    ütüden    ütüler     ütüsü
kapı     kapının   kapıyı   kapıya   kapıda   kapıdan   kapılar    kapısı
radyo    radyonun  radyoyu  radyoya  radyoda  radyodan  radyolar   radyosu
kâğıt    kâğıdın   kâğıdı   kâğıda   kâğıtta  kâğıttan  kâğıtlar   kâğıdı
banka    bankanın  bankayı  bankaya  bankada  bankadan  bankalar   bankası
tank     tankın    tankı    tanka    tankta   tanktan   tanklar    tankı
hukuk    hukukun   hukuku   hukuka   hukukta  hukuktan  hukuklar   hukuku
katalog  kataloğun kataloğu kataloğa katalogda katalogdan kataloglar kataloğu
"""
CASES = ("genitive", "accusative", "dative", "locative", "ablative", "plural", "possessive")
ROWS = [line.split() for line in FORMS.strip().splitlines()]


@pytest.mark.parametrize("row", ROWS, ids=[row[0] for row in ROWS])
def test_noun_takes_its_well_known_forms(row):
    """Are all seven forms those of the dictionary?"""
    assert [getattr(turkish, case)(row[0]) for case in CASES] == row[1:]


@pytest.mark.parametrize(
    ("noun", "forms"),
    [
        ("sol", ["solunun", "solunu", "soluna", "solunda", "solundan"]),
        ("sağ", ["sağının", "sağını", "sağına", "sağında", "sağından"]),
        ("üst", ["üstünün", "üstünü", "üstüne", "üstünde", "üstünden"]),
        ("alt", ["altının", "altını", "altına", "altında", "altından"]),
        ("ön", ["önünün", "önünü", "önüne", "önünde", "önünden"]),
        ("arka", ["arkasının", "arkasını", "arkasına", "arkasında", "arkasından"]),
        ("renk", ["renginin", "rengini", "rengine", "renginde", "renginden"]),
        ("burun", ["burnunun", "burnunu", "burnuna", "burnunda", "burnundan"]),
        ("saat", ["saatinin", "saatini", "saatine", "saatinde", "saatinden"]),
        ("su", ["suyunun", "suyunu", "suyuna", "suyunda", "suyundan"]),
    ],
)
def test_possessed_noun_takes_a_buffer_n_in_every_case(noun, forms):
    """Is "to its left" soluna, and not soluya?"""
    assert [getattr(turkish, case)(noun, possessed=True) for case in CASES[:5]] == forms


def test_suffixes_can_be_chained():
    """Do plurals take cases, also those of nouns with exceptions?"""
    assert turkish.genitive(turkish.plural("kare")) == "karelerin"
    assert turkish.locative(turkish.plural("saat")) == "saatlerde"
    assert turkish.ablative(turkish.plural("okul")) == "okullardan"


def test_last_word_of_a_phrase_is_inflected():
    """Does "mavi daire" become "mavi dairenin"?"""
    assert turkish.genitive("büyük mavi daire") == "büyük mavi dairenin"
    assert turkish.accusative("kırmızı kitap") == "kırmızı kitabı"


@pytest.mark.parametrize(
    ("word", "particle"), [("solunda", "mı"), ("üstünde", "mi"), ("okul", "mu"), ("küçük", "mü")]
)
def test_question_particle_follows_the_last_vowel(word, particle):
    """Does mI harmonise?"""
    assert turkish.question_particle(word) == particle


@pytest.mark.parametrize(
    ("noun", "message"),
    [
        ("", "noun is ''"),
        ("  ev", "one space"),
        ("krk", "'krk' has no vowel"),
        ("xerox", "'xerox' has the letter 'x'"),
        ("Ev", "letter 'E'"),
        ("ev2", "letter '2'"),
    ],
)
@pytest.mark.parametrize("case", CASES)
def test_what_is_no_turkish_noun_is_refused(case, noun, message):
    """Does the error quote the noun and say what is wrong with it?"""
    with pytest.raises(WorldError, match=message):
        getattr(turkish, case)(noun)
