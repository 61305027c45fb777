"""Everyday words of shops and roads, in random groups of lines, as on a photo of no place."""

import random

WORDS = {
    "en": """
    speed limit school zone ahead bridge narrow stop yield merge left right lane closed detour
    bump slow children crossing loading only customers deliveries entrance exit push pull open
    hours daily fresh bread milk eggs butter cheese meat fish fruit vegetables flowers garden
    tools hardware paint plumbing electric repair service garage tyres wheels oil filters
    brakes battery wash dry clean laundry cleaners tailor shoes boots jeans shirts dresses
    hats gloves jewellery watches gifts toys books stationery newspapers tickets travel
    insurance bank savings loans cash withdrawals fee per hour free parking permit holders
    residents visitors reception office floor stairs lift toilet ladies gentlemen waiting room
    dentist doctor optician chemist vet animal pets feed supplies corner store superstore
    discount clearance final sale half price everything must go welcome thank you please come
    again danger keep out private property trespassers prosecuted beware dog hot drinks
    sandwiches salads breakfast lunch dinner takeaway delivery kitchen grill burger chips
    chicken wings beer wine spirits lounge music live tonight dance studio fitness gym pool
    sauna nails hair beauty barber salon spa massage therapy physio clinic surgery emergency
    ambulance fire hydrant water works men at work road closed diversion ends reduce now
    caution wet floor mind the step gap recycling paper glass plastic cans general waste
    bottle bank charity donations furniture carpets beds sofas curtains blinds windows doors
    kitchens bathrooms tiles timber fencing sheds rental hire
    """,
    "es": """
    abierto cerrado horario lunes viernes sábado domingo entrada salida empuje jale prohibido
    fumar estacionar solo clientes carga descarga panadería carnicería frutería verdulería
    pescadería ferretería papelería librería juguetería zapatería mercería joyería relojería
    lavandería tintorería peluquería barbería taller mecánico llantas frenos aceite batería
    lavado autos motos bicicletas refacciones pinturas plomería cerrajería llaves copias
    fotocopias impresiones internet recargas celulares reparación venta compra alquiler
    rebajas ofertas descuento precio tortillas pan leche queso huevos pollo carne pescado
    mariscos frutas verduras jugos licuados helados paletas dulces comida corrida desayunos
    cenas tacos cerveza fría vinos licores agua hielo flores plantas regalos fiestas globos
    piñatas muebles colchones cocinas baños azulejos maderas vidrios aluminio farmacia
    consultorio dental médico clínica veterinaria mascotas óptica lentes escuela zona
    velocidad máxima despacio topes peligro curva puente angosto ceda el paso alto retorno
    desvío obras hombres trabajando no hay paso peatones niños caseta cuota gracias por su
    visita bienvenidos familia
    """,
    "fr": """
    ouvert fermé horaires lundi mardi mercredi jeudi vendredi samedi dimanche entrée sortie
    poussez tirez interdit défense de fumer stationnement gênant livraison clients boulangerie
    pâtisserie boucherie charcuterie traiteur poissonnerie fromagerie épicerie primeur fruits
    légumes fleuriste fleurs jardinerie quincaillerie bricolage peinture serrurerie clés
    cordonnerie pressing laverie coiffure barbier beauté ongles parfumerie bijouterie
    horlogerie maroquinerie chaussures vêtements enfants jouets librairie papeterie presse
    journaux tabac loto pain croissants sandwiches crêpes glaces boissons chaudes café thé
    bière vins spiritueux plat du jour menu midi soir emporter garage pneus vidange freins
    batterie carrosserie lavage pièces motos vélos location vente achat soldes promotion prix
    remise pharmacie médecin dentiste opticien vétérinaire clinique urgences école mairie
    poste banque assurance agence immobilière notaire avocat travaux route barrée déviation
    ralentir danger virage pont étroit sens unique cédez le passage priorité piétons parking
    payant gratuit merci de votre visite bienvenue meubles literie cuisines bains
    """,
    "de": """
    geöffnet geschlossen öffnungszeiten montag dienstag mittwoch donnerstag freitag samstag
    sonntag eingang ausgang drücken ziehen verboten rauchen parken nur für kunden lieferanten
    anlieger frei bäckerei konditorei metzgerei fleischerei feinkost obst gemüse blumen
    gärtnerei baumarkt werkzeug farben tapeten schlüsseldienst schuhe reparatur schneiderei
    reinigung wäscherei friseur kosmetik nägel parfümerie schmuck uhren optiker brillen
    hörgeräte spielwaren bücher schreibwaren zeitungen tabak lotto brot brötchen kuchen torten
    eis getränke bier wein spirituosen mittagstisch frühstück abendessen imbiss wurst pommes
    zum mitnehmen werkstatt reifen bremsen batterie autowäsche ersatzteile fahrräder verleih
    verkauf ankauf angebot rabatt preis apotheke arzt zahnarzt tierarzt klinik notaufnahme
    schule kindergarten post bank versicherung immobilien notar rechtsanwalt baustelle
    umleitung gesperrt vorsicht achtung stufe langsam fahren einbahnstraße sackgasse feuerwehr
    zufahrt halten rettungsweg danke für ihren besuch willkommen möbel betten küchen bäder
    fliesen holz fenster türen garten teich zaun
    """,
}
FIGURES = [
    "",
    "",
    "",
    "25",
    "40",
    "24 h",
    "50 %",
    "7.30 - 19.00",
    "2",
    "18+",
    "3 m",
    "1,99",
    "12",
    "100",
]


def random_groups(seed: int, count: int) -> list[tuple[str, tuple[str, ...]]]:
    """Return (language, lines): one to four lines of one to three words, some with a figure."""
    draw = random.Random(seed)
    groups = []
    for number in range(count):
        language = list(WORDS)[number % len(WORDS)]
        words = WORDS[language].split()
        style = draw.choice((str.title, str.upper, str.capitalize, str.lower))
        lines = []
        for _ in range(draw.randint(1, 4)):
            line = style(" ".join(draw.sample(words, draw.randint(1, 3))))
            lines.append(f"{line} {draw.choice(FIGURES)}".strip())
        groups.append((language, tuple(lines)))
    return groups
