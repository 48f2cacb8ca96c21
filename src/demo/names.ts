/** Given and family names by country, as people there write them in Latin letters. */
const NAMES: Record<string, [given: string, family: string]> = {
  US: [
    'James Olivia Marcus Emily Tyler Grace Andre Hannah Jordan Chloe Derek Naomi Ethan Brianna',
    'Carter Johnson Rivera Brooks Thompson Nguyen Walker Bennett Foster Kim Sullivan Hayes Morgan',
  ],
  CA: ['Liam Sophie Noah Amélie Owen Claire Mathieu', 'Tremblay MacDonald Chen Gagnon Singh Fraser Roy'],
  MX: ['Ximena Luis Fernanda Javier Sofía Emiliano', 'Hernández García Ramírez Ortega Castillo Vargas'],
  BR: [
    'Ana Rafael Beatriz Gustavo Larissa Thiago Camila Mateus',
    'Oliveira Souza Ferreira Almeida Ribeiro Carvalho Lima',
  ],
  GB: [
    'Charlotte Oliver Amelia Harry Isla George Freya Callum Poppy Imran',
    'Clarke Hughes Patel Whitfield Robinson Ashworth Bailey Khan Turner',
  ],
  IE: ['Aoife Cian Niamh Oisín Saoirse Darragh Róisín', 'Murphy Kelly O’Brien Walsh Doyle Gallagher'],
  DE: [
    'Lena Felix Katharina Maximilian Sophie Lukas Johanna Moritz Hannah Emre Paula Tobias',
    'Müller Schneider Fischer Becker Hoffmann Krüger Wagner Yılmaz Schäfer Vogt Neumann',
  ],
  FR: ['Camille Antoine Manon Hugo Élodie Julien Inès Thomas', 'Dubois Laurent Lefèvre Girard Benali Fontaine Mercier'],
  ES: ['Lucía Alejandro Carmen Pablo Marta Íñigo', 'Martínez López Sánchez Navarro Iglesias Romero'],
  NL: ['Sanne Daan Femke Bram Lotte Jeroen', 'de Vries Jansen van Dijk Bakker Visser Smit'],
  SE: ['Elin Oscar Linnéa Gustav Astrid', 'Johansson Nilsson Bergström Sjöberg Lindgren'],
  PL: [
    'Agnieszka Piotr Katarzyna Michał Magdalena Jakub Natalia Wojciech',
    'Nowak Wójcik Mazur Woźniak Krawczyk Kaczmarek Pawlak',
  ],
  LB: ['Rana Karim Maya', 'Khoury Mansour Saliba'],
  NG: ['Chidi Ngozi Tunde Amara', 'Adeyemi Eze Balogun Nwosu'],
  GH: ['Ama Kwame Efua', 'Owusu Boateng Asante'],
  ZA: ['Thandi Pieter Lerato Sipho', 'Nkosi van der Merwe Dlamini Naidoo'],
  IN: [
    'Arjun Ananya Vikram Kavya Rohan Meera Aditya Divya Karthik Sneha',
    'Sharma Iyer Reddy Menon Gupta Desai Nair Kulkarni Rao',
  ],
  VN: ['Minh Lan Tuấn', 'Trần Phạm Hoàng'],
  JP: ['Haruto Yui Ren Sakura Daichi Misaki Kenta', 'Sato Suzuki Takahashi Watanabe Yamamoto Kobayashi'],
  AU: ['Jack Matilda Lachlan Ruby', 'Campbell Nguyen Mitchell Harris'],
}

/** Family names of several words, by their first. */
const SEVERAL_WORDS = /\b(de|van der|van) /g

export const COUNTRIES = Object.keys(NAMES)

/** The n-th name of a country; the first few dozen of each differ. */
export function nameIn(country: string, n: number): string {
  const [given, family] = (NAMES[country] ?? ['', '']).map((names) =>
    names.replace(SEVERAL_WORDS, (words) => words.replaceAll(' ', '\u00a0')).split(' '),
  )
  if (!given?.[0] || !family?.[0]) throw new Error(`no names for ${country}`)
  const turn = Math.floor(n / given.length)
  const [first, last] = [given[n % given.length] ?? '', family[(n + turn) % family.length] ?? '']
  return (country === 'VN' ? `${last} ${first}` : `${first} ${last}`).replaceAll('\u00a0', ' ')
}

/** "Zofia Wiśniewska" is zofia.wisniewska@northwind.example. */
export function emailFor(name: string): string {
  const plain = name
    .normalize('NFD')
    .replace(/\p{M}/gu, '')
    .replace(/[đĐ]/g, 'd')
    .replace(/[łŁ]/g, 'l')
    .replace(/[ıİ]/g, 'i')
    .replace(/[’']/g, '')
  return `${plain.toLowerCase().replace(/ +/g, '.')}@northwind.example`
}
